-- Who came through whom, and what that brought: as the log says it. What follows from sales, cards and merges (which
-- referral counts, what a reward has come to) is in views, so that the order in which operations came can't matter.

CREATE TABLE referrals (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    friend      BLOB NOT NULL REFERENCES members (member_id),
    code        TEXT NOT NULL,
    -- The member whose code it is; none for a vendor's.
    referrer    BLOB CHECK (length(referrer) = 16),
    at_ms       INTEGER NOT NULL,
    -- On the shop's calendar.
    day         TEXT NOT NULL,
    doubts      TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(doubts)),
    -- Another was first.
    settled     INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX referrals_by_friend ON referrals (friend);
CREATE INDEX referrals_by_referrer ON referrals (referrer) WHERE referrer IS NOT NULL;
CREATE INDEX referrals_by_time ON referrals (at_ms);

-- Rewards that wait or waited, by the operation that says so. `body` is what it says.
CREATE TABLE referral_rewards (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    friend      BLOB NOT NULL REFERENCES members (member_id),
    side        TEXT NOT NULL CHECK (side IN ('friend', 'referrer', 'above')),
    step        TEXT NOT NULL CHECK (step <> ''),
    round       INTEGER NOT NULL CHECK (round >= 0),
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    points      INTEGER NOT NULL CHECK (points >= 0),
    due_at      INTEGER NOT NULL,
    source      TEXT,
    sale_id     TEXT,
    least_minor INTEGER NOT NULL,
    doubted     INTEGER NOT NULL CHECK (doubted IN (0, 1)),
    at_ms       INTEGER NOT NULL,
    body        TEXT NOT NULL CHECK (json_valid(body)),
    settled     INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_rewards_by_key ON referral_rewards (friend, side, step, round);
CREATE INDEX referral_rewards_by_member ON referral_rewards (member_id);
CREATE INDEX referral_rewards_by_sale ON referral_rewards (source, sale_id) WHERE source IS NOT NULL;

-- Those that were granted, by their lines.
CREATE TABLE referral_grants (
    entry_id    BLOB PRIMARY KEY REFERENCES ledger (entry_id),
    friend      BLOB NOT NULL REFERENCES members (member_id),
    side        TEXT NOT NULL,
    step        TEXT NOT NULL,
    round       INTEGER NOT NULL,
    member_id   BLOB NOT NULL REFERENCES members (member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_grants_by_key ON referral_grants (friend, side, step, round);

-- The last word about a reward that seemed odd.
CREATE TABLE referral_looks (
    reward      BLOB PRIMARY KEY CHECK (length(reward) = 16),
    allowed     INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id)
) STRICT, WITHOUT ROWID;

INSERT INTO referrals (op_id, friend, code, referrer, at_ms, day)
SELECT op_id, unhex(json_extract(body, '$.member'), '-'), json_extract(body, '$.code'), unhex(json_extract(body, '$.referrer'), '-'), at_ms,
       date(at_ms / 1000, 'unixepoch')
FROM ops WHERE substr(body, 1, 25) = '{"body":"referral_joined"';

-- The shop's links and their clicks by day, as the relay last told. No part of the log.
CREATE TABLE links (
    code        TEXT PRIMARY KEY CHECK (code <> ''),
    kind        TEXT NOT NULL CHECK (kind IN ('member', 'vendor')),
    campaign    TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE link_days (
    code        TEXT NOT NULL,
    day         TEXT NOT NULL,
    clicks      INTEGER NOT NULL,
    visitors    INTEGER NOT NULL,
    bots        INTEGER NOT NULL,
    PRIMARY KEY (code, day)
) STRICT, WITHOUT ROWID;
-- Why people who came through a link did not count as brought by it, on the web.
CREATE TABLE link_refusals (
    code        TEXT NOT NULL,
    why         TEXT NOT NULL,
    times       INTEGER NOT NULL,
    PRIMARY KEY (code, why)
) STRICT, WITHOUT ROWID;

-- Every referral, and why it does not count, where it doesn't: of all who show on one card the oldest counts; nobody
-- brings themselves; who had a card a day before was a member already.
CREATE VIEW referral_list AS
SELECT r.op_id, r.friend, r.code, r.referrer, r.at_ms, r.day, coalesce(f.merged_into, f.member_id) AS card,
       coalesce(x.merged_into, x.member_id) AS referrer_card,
       CASE WHEN coalesce(x.merged_into, x.member_id) = coalesce(f.merged_into, f.member_id) THEN 'self'
            WHEN EXISTS (SELECT 1 FROM members g JOIN referrals o ON o.friend = g.member_id
                WHERE (g.member_id = coalesce(f.merged_into, f.member_id) OR g.merged_into = coalesce(f.merged_into, f.member_id))
                  AND o.settled = 0 AND (o.at_ms, o.op_id) < (r.at_ms, r.op_id)) THEN 'merged'
            WHEN EXISTS (SELECT 1 FROM members g
                WHERE (g.member_id = coalesce(f.merged_into, f.member_id) OR g.merged_into = coalesce(f.merged_into, f.member_id))
                  AND g.enrolled_at < r.at_ms - 86400000) THEN 'member_already'
            WHEN f.erased THEN 'erased' END AS refused
FROM referrals r JOIN members f ON f.member_id = r.friend LEFT JOIN members x ON x.member_id = r.referrer
WHERE r.settled = 0;

-- Every reward that stands (of two of one key the older, until the relay has settled it), and what has come of it.
-- `gone`: what it was for is not there any more.
CREATE VIEW reward_list AS
SELECT q.op_id, q.friend, q.side, q.step, q.round, q.member_id, q.points, q.due_at, q.source, q.sale_id, q.at_ms, q.body, q.gone,
       (SELECT g.entry_id FROM referral_grants g WHERE g.friend = q.friend AND g.side = q.side AND g.step = q.step AND g.round = q.round
          ORDER BY EXISTS (SELECT 1 FROM taken_back t WHERE t.entry_id = g.entry_id), g.entry_id LIMIT 1) AS entry_id,
       CASE WHEN q.points = 0 THEN 'refused'
            WHEN EXISTS (SELECT 1 FROM referral_grants g WHERE g.friend = q.friend AND g.side = q.side AND g.step = q.step AND g.round = q.round
                AND NOT EXISTS (SELECT 1 FROM taken_back t WHERE t.entry_id = g.entry_id)) THEN 'granted'
            WHEN EXISTS (SELECT 1 FROM referral_grants g WHERE g.friend = q.friend AND g.side = q.side AND g.step = q.step AND g.round = q.round)
                THEN 'reversed'
            WHEN k.allowed = 0 THEN 'rejected'
            WHEN q.gone THEN 'cancelled'
            WHEN q.doubted = 1 AND k.allowed IS NULL THEN 'review'
            ELSE 'pending' END AS state
FROM (SELECT r.*,
             NOT EXISTS (SELECT 1 FROM referral_list l WHERE l.friend = r.friend AND l.refused IS NULL)
             OR EXISTS (SELECT 1 FROM members m WHERE m.member_id = r.member_id AND m.erased = 1)
             OR (r.source IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sales s WHERE s.source = r.source AND s.sale_id = r.sale_id
                    AND s.standing = 1 AND s.reversed = 0 AND s.entry_id IS NOT NULL
                    AND s.total_minor - s.refunded_minor >= r.least_minor)) AS gone
      FROM referral_rewards r) q
LEFT JOIN referral_looks k ON k.reward = q.op_id
WHERE q.settled = 0 AND NOT EXISTS (SELECT 1 FROM referral_rewards o WHERE o.friend = q.friend AND o.side = q.side AND o.step = q.step
    AND o.round = q.round AND o.settled = 0 AND o.op_id < q.op_id);

-- For the owner: every referral with who, what came of it and why not. `state` is the furthest that it has come.
CREATE VIEW report_referrals AS
SELECT l.*,
       CASE WHEN l.refused IS NOT NULL THEN 'refused' WHEN l.odd > 0 THEN 'review' WHEN l.points > 0 THEN 'rewarded'
            WHEN l.waiting > 0 THEN 'pending' WHEN l.lost > 0 THEN 'reversed' WHEN l.bought_day IS NOT NULL THEN 'bought'
            ELSE 'joined' END AS state
FROM (SELECT lower(hex(r.op_id)) AS referral, r.code, r.at_ms, r.day, r.refused, r.card AS friend_card,
             c.code AS friend_code, c.name AS friend_name, substr(coalesce(c.phone, c.phone_also), -4) AS friend_last4,
             x.code AS referrer_code, x.name AS referrer_name, substr(coalesce(x.phone, x.phone_also), -4) AS referrer_last4,
             (SELECT min(s.day) FROM sales s WHERE s.member_id IN (SELECT g.member_id FROM members g WHERE g.member_id = r.card OR g.merged_into = r.card)
                AND s.reversed = 0 AND s.entry_id IS NOT NULL AND s.day >= r.day) AS bought_day,
             (SELECT count(*) FROM reward_list w WHERE w.friend = r.friend AND w.state = 'review') AS odd,
             coalesce((SELECT sum(w.points) FROM reward_list w WHERE w.friend = r.friend AND w.state = 'granted'), 0) AS points,
             coalesce((SELECT sum(w.points) FROM reward_list w WHERE w.friend = r.friend AND w.state = 'pending'), 0) AS waiting,
             (SELECT min(w.due_at) FROM reward_list w WHERE w.friend = r.friend AND w.state = 'pending') AS due_at,
             (SELECT count(*) FROM reward_list w WHERE w.friend = r.friend AND w.state IN ('reversed', 'cancelled')) AS lost,
             (SELECT json_extract(w.body, '$.reasons[0]') FROM reward_list w WHERE w.friend = r.friend AND w.state = 'refused' LIMIT 1) AS limited,
             (SELECT count(*) FROM reward_list w WHERE w.friend = r.friend AND w.state = 'rejected') AS rejected
      FROM referral_list r JOIN members c ON c.member_id = r.card LEFT JOIN members x ON x.member_id = r.referrer_card) l;

-- For the owner: rewards that wait for a look, with what looks odd about them (a list of texts, as JSON).
CREATE VIEW report_odd_rewards AS
SELECT lower(hex(w.op_id)) AS reward, w.side, w.step, w.points, w.at_ms, w.due_at, json_extract(w.body, '$.doubts') AS doubts,
       json_extract(w.body, '$.reasons[0]') AS reason, r.code,
       m.code AS member_code, m.name AS member_name, substr(coalesce(m.phone, m.phone_also), -4) AS member_last4,
       f.code AS friend_code, f.name AS friend_name, substr(coalesce(f.phone, f.phone_also), -4) AS friend_last4
FROM reward_list w JOIN members k ON k.member_id = w.member_id JOIN members m ON m.member_id = coalesce(k.merged_into, k.member_id)
JOIN referral_list r ON r.friend = w.friend AND r.refused IS NULL JOIN members f ON f.member_id = r.card
WHERE w.state = 'review';

-- For the owner: the way from a click to a reward, by code and day. Each step is counted on the day it was taken.
CREATE VIEW report_funnel AS
SELECT code, day, clicks, visitors, bots, 0 AS joined, 0 AS bought, 0 AS rewarded, 0 AS points FROM link_days
UNION ALL SELECT code, day, 0, 0, 0, 1, 0, 0, 0 FROM report_referrals WHERE refused IS NULL
UNION ALL SELECT code, bought_day, 0, 0, 0, 0, 1, 0, 0 FROM report_referrals WHERE refused IS NULL AND bought_day IS NOT NULL
UNION ALL SELECT r.code, min(l.day), 0, 0, 0, 0, 0, 1, sum(w.points) FROM reward_list w
    JOIN referral_list r ON r.friend = w.friend AND r.refused IS NULL JOIN ledger l ON l.entry_id = w.entry_id
    WHERE w.state = 'granted' GROUP BY w.friend;
