-- Keys for programs that ask for referrals, and what the log says of referrals, in the order in which it says it.

CREATE TABLE api_keys (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    key_id      BYTEA NOT NULL CHECK (length(key_id) = 16),
    -- Who has it, in the operator's words.
    name        TEXT NOT NULL,
    key_hash    BYTEA NOT NULL CHECK (length(key_hash) = 32),
    -- Whether it may add codes.
    may_write   BIGINT NOT NULL CHECK (may_write IN (0, 1)),
    created_at  BIGINT NOT NULL,
    -- To the minute.
    last_used_at BIGINT,
    revoked_at  BIGINT,
    PRIMARY KEY (shop_id, key_id)
);

-- Up to where of the log the tables below go: they are brought up to date when somebody asks.
ALTER TABLE webs ADD COLUMN referrals_to BIGINT NOT NULL DEFAULT 0;

-- All that they are made from.
CREATE INDEX ops_of_referrals ON ops (shop_id, shop_seq)
    WHERE substr(body, 1, 17) IN ('{"body":"referral', '{"body":"settled"', '{"body":"entry_re', '{"body":"sale_ref');

CREATE TABLE referral_events (
    shop_id     BYTEA NOT NULL,
    shop_seq    BIGINT NOT NULL,
    -- One operation can be the end of several rewards.
    nth         BIGINT NOT NULL CHECK (nth >= 0),
    op_id       BYTEA NOT NULL CHECK (length(op_id) = 16),
    at_ms       BIGINT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('joined', 'qualified', 'refused', 'allowed', 'rejected', 'granted', 'cancelled', 'reversed',
                    'withdrawn')),
    friend_id   BYTEA NOT NULL CHECK (length(friend_id) = 16),
    -- The code they came through, and whose it is where it is a member's; for those who joined.
    code        TEXT,
    referrer_id BYTEA CHECK (length(referrer_id) = 16),
    -- For what is about a reward: which, and whose.
    reward_id   BYTEA CHECK (length(reward_id) = 16),
    member_id   BYTEA CHECK (length(member_id) = 16),
    points      BIGINT,
    -- What looked odd, in JSON.
    doubts      TEXT,
    -- Another till was first.
    settled     BIGINT NOT NULL CHECK (settled IN (0, 1)),
    PRIMARY KEY (shop_id, shop_seq, nth)
);

CREATE INDEX referral_events_by_op ON referral_events (shop_id, op_id);
CREATE INDEX referral_events_joined ON referral_events (shop_id, shop_seq) WHERE kind = 'joined' AND settled = 0;

CREATE TABLE referral_rewards (
    shop_id     BYTEA NOT NULL,
    -- The operation that qualified it, and its place.
    reward_id   BYTEA NOT NULL CHECK (length(reward_id) = 16),
    shop_seq    BIGINT NOT NULL,
    friend_id   BYTEA NOT NULL CHECK (length(friend_id) = 16),
    side        TEXT NOT NULL CHECK (side IN ('friend', 'referrer', 'above')),
    step        TEXT NOT NULL,
    round       BIGINT NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    points      BIGINT NOT NULL CHECK (points >= 0),
    due_at      BIGINT NOT NULL,
    source      TEXT,
    sale_id     TEXT,
    -- What the sale was, where it is known, and what of it must be left.
    total_minor BIGINT,
    least_minor BIGINT NOT NULL,
    -- What looked odd, in JSON; and what somebody said of it.
    doubts      TEXT NOT NULL,
    allowed     BIGINT CHECK (allowed IN (0, 1)),
    allowed_clock BIGINT NOT NULL,
    qualified_at BIGINT NOT NULL,
    settled     BIGINT NOT NULL CHECK (settled IN (0, 1)),
    entry_id    BYTEA CHECK (length(entry_id) = 16),
    granted_at  BIGINT,
    -- When its line was taken back.
    undone_at   BIGINT,
    PRIMARY KEY (shop_id, reward_id)
);

CREATE UNIQUE INDEX referral_rewards_by_place ON referral_rewards (shop_id, shop_seq);
CREATE INDEX referral_rewards_by_key ON referral_rewards (shop_id, friend_id, side, step, round);
CREATE INDEX referral_rewards_by_entry ON referral_rewards (shop_id, entry_id);
CREATE INDEX referral_rewards_by_sale ON referral_rewards (shop_id, source, sale_id);
CREATE INDEX referral_rewards_by_member ON referral_rewards (shop_id, member_id);

-- What was given back of sales.
CREATE TABLE referral_refunds (
    shop_id     BYTEA NOT NULL,
    source      TEXT NOT NULL,
    sale_id     TEXT NOT NULL,
    back_minor  BIGINT NOT NULL,
    -- Nothing of it is left.
    gone        BIGINT NOT NULL CHECK (gone IN (0, 1)),
    PRIMARY KEY (shop_id, source, sale_id)
);
