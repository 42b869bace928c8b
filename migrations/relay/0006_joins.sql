-- Joining on the web, and through whom each member came.

-- Every shop has a web side.
INSERT INTO webs (shop_id, utm, touch, cookie_days, counted_to)
SELECT shop_id, 'utm_source={code}&utm_medium=referral&utm_campaign={campaign}', 'first', 30, 0 FROM shops
WHERE shop_id NOT IN (SELECT shop_id FROM webs);

-- How the shop's pages speak and look; none: as the browser asks, and as usual.
ALTER TABLE webs ADD COLUMN language TEXT CHECK (language IN ('en', 'es'));
ALTER TABLE webs ADD COLUMN colour TEXT CHECK (length(colour) = 7);

-- Who joined on the web, by the number of the page they did it on: a form that is sent twice is one member.
CREATE TABLE joins (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    join_id     BYTEA NOT NULL CHECK (length(join_id) = 16),
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    -- The code on their card.
    code        TEXT NOT NULL,
    -- As the clicks of that day know them.
    visitor     BYTEA NOT NULL CHECK (length(visitor) = 16),
    joined_at   BIGINT NOT NULL,
    PRIMARY KEY (shop_id, join_id)
);

CREATE INDEX joins_by_member ON joins (shop_id, member_id);

-- Through whom a member came: once, for new members only; the first in shop order stands.
CREATE TABLE referrals (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    code        TEXT NOT NULL CHECK (code <> ''),
    -- The member whose code it is; none for a vendor's.
    referrer_id BYTEA CHECK (length(referrer_id) = 16),
    joined_at   BIGINT NOT NULL,
    PRIMARY KEY (shop_id, member_id)
);

CREATE INDEX referrals_by_code ON referrals (shop_id, code);

-- Why somebody who came through a code was not taken for brought by it.
CREATE TABLE referral_refusals (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    refusal_id  BYTEA NOT NULL CHECK (length(refusal_id) = 16),
    code        TEXT NOT NULL CHECK (code <> ''),
    why         TEXT NOT NULL CHECK (why IN ('member_already', 'own_email', 'own_browser')),
    at_ms       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, refusal_id)
);
