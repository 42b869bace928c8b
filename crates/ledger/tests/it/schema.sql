-- What the migrations make. Written by a test; see schema.rs.
PRAGMA application_id = 1382377324;
PRAGMA user_version = 13;

CREATE TABLE away_rules (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id),
    rules       TEXT NOT NULL CHECK (json_valid(rules))
) STRICT;

CREATE TABLE "birthdays" (
    entry_id    BLOB PRIMARY KEY REFERENCES ledger (entry_id),
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    year        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX birthdays_by_member ON birthdays (member_id, year);

CREATE TABLE cards (
    op_id       BLOB NOT NULL REFERENCES rules (op_id),
    position    INTEGER NOT NULL,
    card        TEXT NOT NULL CHECK (card <> ''),
    name        TEXT NOT NULL,
    stamps      INTEGER NOT NULL CHECK (stamps > 0),
    cost_minor  INTEGER,
    PRIMARY KEY (op_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    source      TEXT NOT NULL,
    sale_id     TEXT NOT NULL,
    -- None where it was rejected.
    entry_id    BLOB REFERENCES ledger (entry_id),
    settled     INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX decisions_by_sale ON decisions (source, sale_id);

CREATE TABLE fields (
    subject     BLOB NOT NULL CHECK (length(subject) = 16),
    field       TEXT NOT NULL,
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL,
    PRIMARY KEY (subject, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE lapsing_acts (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    at_ms       INTEGER NOT NULL,
    -- The last visit as it was known, and which mail since then.
    since       INTEGER NOT NULL,
    nth         INTEGER NOT NULL CHECK (nth >= 1),
    bonus       INTEGER NOT NULL CHECK (bonus >= 0),
    -- The choice that it carried out.
    chosen      BLOB,
    -- All of it, in JSON.
    body        TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

CREATE INDEX lapsing_acts_by_member ON lapsing_acts (member_id, at_ms);

CREATE TABLE lapsing_chosen (
    member_id   BLOB PRIMARY KEY REFERENCES members (member_id),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id),
    at_ms       INTEGER NOT NULL,
    choice      TEXT CHECK (choice IN ('nudge', 'bonus', 'rest'))
) STRICT, WITHOUT ROWID;

CREATE TABLE lapsing_usual (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id),
    choice      TEXT NOT NULL CHECK (choice IN ('nudge', 'bonus', 'rest')),
    bonus       INTEGER NOT NULL CHECK (bonus >= 0)
) STRICT;

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER ledger_reverses_exactly BEFORE INSERT ON ledger WHEN NEW.reverses IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'not_reversible') WHERE NOT EXISTS (
        SELECT 1 FROM ledger l WHERE l.entry_id = NEW.reverses AND l.member_id = NEW.member_id AND l.points = -NEW.points);
END;

CREATE TRIGGER ledger_reverses_once BEFORE INSERT ON ledger
WHEN NEW.reverses IS NOT NULL AND (SELECT o.origin FROM ops o WHERE o.op_id = NEW.op_id) = (SELECT till_id FROM shop) BEGIN
    SELECT RAISE(ABORT, 'not_reversible') WHERE EXISTS (
        SELECT 1 FROM ledger l WHERE l.entry_id = NEW.reverses AND l.kind IN ('reverse', 'refund'));
    SELECT RAISE(ABORT, 'already_reversed') WHERE EXISTS (SELECT 1 FROM ledger l WHERE l.reverses = NEW.reverses);
END;

CREATE TABLE "ledger" (
    line            INTEGER PRIMARY KEY,
    entry_id        BLOB NOT NULL UNIQUE CHECK (length(entry_id) = 16),
    op_id           BLOB NOT NULL REFERENCES ops (op_id),
    member_id       BLOB NOT NULL REFERENCES members (member_id),
    kind            TEXT NOT NULL CHECK (kind IN ('opening', 'earn', 'bonus', 'adjust', 'redeem', 'refund', 'expire', 'reverse')),
    points          INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    -- The shop's calendar day of at_ms.
    day             TEXT NOT NULL CHECK (length(day) = 10),
    by              TEXT NOT NULL,
    rules_version   INTEGER,
    reasons         TEXT NOT NULL CHECK (json_valid(reasons)),
    reverses        BLOB REFERENCES ledger (entry_id),
    source          TEXT,
    sale_id         TEXT,
    total_minor     INTEGER,
    reward          TEXT,
    CHECK ((kind = 'reverse') = (reverses IS NOT NULL)),
    CHECK (kind <> 'redeem' OR (points <= 0 AND reward IS NOT NULL)),
    CHECK (kind <> 'earn' OR (points >= 0 AND sale_id IS NOT NULL)),
    CHECK (kind NOT IN ('refund', 'expire') OR points <= 0)
) STRICT;

CREATE INDEX ledger_by_day ON ledger (day);

CREATE INDEX ledger_by_member ON ledger (member_id, at_ms DESC);

CREATE INDEX ledger_by_reverses ON ledger (reverses) WHERE reverses IS NOT NULL;

CREATE TABLE link_days (
    code        TEXT NOT NULL,
    day         TEXT NOT NULL,
    clicks      INTEGER NOT NULL,
    visitors    INTEGER NOT NULL,
    bots        INTEGER NOT NULL,
    PRIMARY KEY (code, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_refusals (
    code        TEXT NOT NULL,
    why         TEXT NOT NULL,
    times       INTEGER NOT NULL,
    PRIMARY KEY (code, why)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    code        TEXT PRIMARY KEY CHECK (code <> ''),
    kind        TEXT NOT NULL CHECK (kind IN ('member', 'vendor')),
    campaign    TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lost (
    till        BLOB PRIMARY KEY CHECK (length(till) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_sends (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    sends       INTEGER NOT NULL CHECK (sends IN (0, 1)),
    asked_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE mail_standing (
    member_id   BLOB PRIMARY KEY REFERENCES members (member_id),
    -- None: the relay has another address of them.
    confirmed   INTEGER CHECK (confirmed IN (0, 1)),
    -- 0: something has happened since, and it is asked for again.
    asked_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE member_digits USING fts5 (
    digits, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE VIRTUAL TABLE member_words USING fts5 (
    words, content = '', contentless_delete = 1,
    prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' tokenchars '@'");

CREATE TRIGGER mail_standing_gone AFTER UPDATE OF email, erased, merged_into ON members
WHEN OLD.email IS NOT NEW.email OR OLD.erased IS NOT NEW.erased OR OLD.merged_into IS NOT NEW.merged_into BEGIN
    DELETE FROM mail_standing WHERE member_id IN (NEW.member_id, OLD.merged_into, NEW.merged_into);
END;

CREATE TRIGGER mail_standing_stale AFTER UPDATE OF email_consent ON members BEGIN
    UPDATE mail_standing SET asked_at = 0 WHERE member_id IN (NEW.member_id, NEW.merged_into);
END;

CREATE TRIGGER members_search_insert AFTER INSERT ON members BEGIN
    INSERT INTO member_words (rowid, words) VALUES (NEW.member, NEW.name || ' ' || NEW.email || ' ' ||
        replace(replace(replace(replace(replace(replace(replace(NEW.name, 'ł', 'l'), 'Ł', 'l'), 'ø', 'o'), 'Ø', 'o'), 'đ', 'd'), 'Đ', 'd'), 'ı', 'i'));
    INSERT INTO member_digits (rowid, digits) VALUES (NEW.member, coalesce(NEW.phone, ''));
END;

CREATE TRIGGER members_search_update AFTER UPDATE OF name, email, phone ON members BEGIN
    DELETE FROM member_words WHERE rowid = OLD.member;
    DELETE FROM member_digits WHERE rowid = OLD.member;
    INSERT INTO member_words (rowid, words) VALUES (NEW.member, NEW.name || ' ' || NEW.email || ' ' ||
        replace(replace(replace(replace(replace(replace(replace(NEW.name, 'ł', 'l'), 'Ł', 'l'), 'ø', 'o'), 'Ø', 'o'), 'đ', 'd'), 'Đ', 'd'), 'ı', 'i'));
    INSERT INTO member_digits (rowid, digits) VALUES (NEW.member, coalesce(NEW.phone, ''));
END;

CREATE TABLE members (
    member          INTEGER PRIMARY KEY,
    member_id       BLOB NOT NULL UNIQUE CHECK (length(member_id) = 16),
    code            TEXT NOT NULL UNIQUE,
    phone           TEXT UNIQUE,
    name            TEXT NOT NULL DEFAULT '',
    email           TEXT NOT NULL DEFAULT '',
    email_consent   INTEGER NOT NULL DEFAULT 0 CHECK (email_consent IN (0, 1)),
    enrolled_at     INTEGER NOT NULL,
    visits          INTEGER NOT NULL DEFAULT 0 CHECK (visits >= 0),
    last_visit_at   INTEGER
, birthday TEXT NOT NULL DEFAULT '' CHECK (length(birthday) IN (0, 5, 10)), phone_also TEXT, merged_into BLOB CHECK (length(merged_into) = 16), erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)), consent_given INTEGER NOT NULL DEFAULT 0 CHECK (consent_given IN (0, 1)), spent_minor INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX members_by_merged ON members (merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX members_by_phone_also ON members (phone_also) WHERE phone_also IS NOT NULL;

CREATE INDEX members_by_visit ON members (last_visit_at DESC);

CREATE TABLE merges (
    member_id   BLOB PRIMARY KEY,
    into_id     BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX merges_by_into ON merges (into_id);

CREATE TRIGGER ops_no_delete BEFORE DELETE ON ops BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER ops_no_update BEFORE UPDATE ON ops BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TABLE ops (
    op          INTEGER PRIMARY KEY,
    op_id       BLOB NOT NULL UNIQUE CHECK (length(op_id) = 16),
    origin      BLOB NOT NULL REFERENCES origins,
    origin_seq  INTEGER NOT NULL CHECK (origin_seq >= 1),
    at_ms       INTEGER NOT NULL,
    by          TEXT NOT NULL CHECK (by <> ''),
    body        TEXT NOT NULL,
    private     BLOB CHECK (length(private) = 32),
    prev        BLOB NOT NULL CHECK (length(prev) = 32),
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (origin, origin_seq)
) STRICT;

CREATE TABLE origins (
    origin      BLOB PRIMARY KEY CHECK (length(origin) = 16),
    seq         INTEGER NOT NULL CHECK (seq >= 0),
    head        BLOB NOT NULL CHECK (length(head) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE pin_attempts (
    staff_id    BLOB PRIMARY KEY REFERENCES staff,
    failures    INTEGER NOT NULL,
    until_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER private_no_update BEFORE UPDATE ON private BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TABLE private (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    salt        BLOB NOT NULL CHECK (length(salt) = 16),
    data        TEXT NOT NULL
, subject BLOB CHECK (length(subject) = 16)) STRICT, WITHOUT ROWID;

CREATE INDEX private_by_subject ON private (subject);

CREATE TABLE referral_grants (
    entry_id    BLOB PRIMARY KEY REFERENCES ledger (entry_id),
    friend      BLOB NOT NULL REFERENCES members (member_id),
    side        TEXT NOT NULL,
    step        TEXT NOT NULL,
    round       INTEGER NOT NULL,
    member_id   BLOB NOT NULL REFERENCES members (member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX referral_grants_by_key ON referral_grants (friend, side, step, round);

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

CREATE TABLE referral_looks (
    reward      BLOB PRIMARY KEY CHECK (length(reward) = 16),
    allowed     INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id)
) STRICT, WITHOUT ROWID;

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

CREATE TRIGGER refunds_once BEFORE INSERT ON refunds
WHEN (SELECT o.origin FROM ops o WHERE o.op_id = NEW.op_id) = (SELECT till_id FROM shop) BEGIN
    SELECT RAISE(ABORT, 'refund_known') WHERE EXISTS (
        SELECT 1 FROM refunds r WHERE r.source = NEW.source AND r.refund_id = NEW.refund_id);
END;

CREATE TABLE "refunds" (
    source          TEXT NOT NULL,
    refund_id       TEXT NOT NULL CHECK (refund_id <> ''),
    sale_id         TEXT NOT NULL,
    op_id           BLOB NOT NULL UNIQUE REFERENCES ops (op_id),
    amount_minor    INTEGER NOT NULL CHECK (amount_minor >= 0),
    points          INTEGER NOT NULL CHECK (points <= 0),
    -- It said that nothing of the sale is left.
    whole           INTEGER NOT NULL CHECK (whole IN (0, 1)),
    settled         INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
    PRIMARY KEY (source, refund_id, op_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX refunds_by_sale ON refunds (source, sale_id);

CREATE TRIGGER mail_standing_paired AFTER INSERT ON relay BEGIN
    DELETE FROM mail_standing;
    DELETE FROM mail_sends;
END;

CREATE TRIGGER mail_standing_restored AFTER UPDATE OF incarnation ON relay WHEN OLD.incarnation <> NEW.incarnation BEGIN
    UPDATE mail_standing SET asked_at = 0;
    DELETE FROM mail_sends;
END;

CREATE TABLE relay (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    url         TEXT NOT NULL,
    -- The origin of the relay's own operations.
    origin      BLOB NOT NULL CHECK (length(origin) = 16),
    -- Up to which of this till's operations the relay has them.
    accepted    INTEGER NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    -- Up to which of the shop's operations this till has them, and the newest it has heard of.
    cursor      INTEGER NOT NULL DEFAULT 0 CHECK (cursor >= 0),
    shop_seq    INTEGER NOT NULL DEFAULT 0,
    incarnation INTEGER NOT NULL,
    synced_at   INTEGER
) STRICT;

CREATE VIEW report_funnel AS
SELECT code, day, clicks, visitors, bots, 0 AS joined, 0 AS bought, 0 AS rewarded, 0 AS points FROM link_days
UNION ALL SELECT code, day, 0, 0, 0, 1, 0, 0, 0 FROM report_referrals WHERE refused IS NULL
UNION ALL SELECT code, bought_day, 0, 0, 0, 0, 1, 0, 0 FROM report_referrals WHERE refused IS NULL AND bought_day IS NOT NULL
UNION ALL SELECT r.code, min(l.day), 0, 0, 0, 0, 0, 1, sum(w.points) FROM reward_list w
    JOIN referral_list r ON r.friend = w.friend AND r.refused IS NULL JOIN ledger l ON l.entry_id = w.entry_id
    WHERE w.state = 'granted' GROUP BY w.friend;

CREATE VIEW report_ledger AS
SELECT l.line, lower(hex(l.entry_id)) AS entry_id, lower(hex(l.member_id)) AS member_id, c.code AS member_code,
       c.name AS member_name, substr(coalesce(c.phone, c.phone_also), -4) AS last4, l.kind, t.kind AS reverses_kind, l.points, l.at_ms, l.day,
       coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(l.by, '-')), l.by) AS by_name,
       l.by AS by_id, l.rules_version, l.reasons, lower(hex(l.reverses)) AS reverses, l.source, l.sale_id, l.total_minor, l.reward,
       CASE WHEN l.kind = 'redeem' THEN coalesce((SELECT json_extract(o.body, '$.lots') FROM ops o WHERE o.op_id = l.op_id), 1) END AS lots,
       CASE WHEN l.kind = 'redeem' THEN (SELECT coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(o.body ->> '$.approved_by', '-')), o.body ->> '$.approved_by')
           FROM ops o WHERE o.op_id = l.op_id) END AS approved_by,
       EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id) AS reversed
FROM ledger l
JOIN members m USING (member_id)
JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
LEFT JOIN ledger t ON t.entry_id = l.reverses;

CREATE VIEW report_mail AS
SELECT lower(hex(m.member_id)) AS member_id,
       CASE WHEN m.email = '' THEN 'none'
            WHEN m.email_consent = 1 THEN coalesce(
                (SELECT CASE s.confirmed WHEN 1 THEN 'confirmed' WHEN 0 THEN 'unconfirmed' END FROM mail_standing s, mail_sends r
                 WHERE s.member_id = m.member_id AND r.sends = 1), 'yes')
            WHEN EXISTS (SELECT 1 FROM members g WHERE (g.member_id = m.member_id OR g.merged_into = m.member_id) AND g.consent_given = 1)
            THEN 'stopped' ELSE 'no' END AS standing
FROM members m WHERE m.merged_into IS NULL;

CREATE VIEW report_members AS
SELECT m.member, lower(hex(m.member_id)) AS member_id, m.code, m.name, substr(coalesce(m.phone, m.phone_also), -4) AS last4,
       coalesce(m.phone, m.phone_also) AS phone, m.email, m.email_consent, m.birthday, m.enrolled_at,
       m.visits + coalesce((SELECT sum(g.visits) FROM members g WHERE g.merged_into = m.member_id), 0) AS visits,
       CASE WHEN EXISTS (SELECT 1 FROM members g WHERE g.merged_into = m.member_id)
            THEN (SELECT max(g.last_visit_at) FROM members g WHERE g.merged_into = m.member_id OR g.member_id = m.member_id)
            ELSE m.last_visit_at END AS last_visit_at,
       coalesce((SELECT sum(r.points) FROM rights r WHERE r.member_id = m.member_id
           OR r.member_id IN (SELECT g.member_id FROM members g WHERE g.merged_into = m.member_id)), 0) AS points,
       m.spent_minor + coalesce((SELECT sum(g.spent_minor) FROM members g WHERE g.merged_into = m.member_id), 0) AS spent_minor
FROM members m WHERE m.merged_into IS NULL;

CREATE VIEW report_odd_rewards AS
SELECT lower(hex(w.op_id)) AS reward, w.side, w.step, w.points, w.at_ms, w.due_at, json_extract(w.body, '$.doubts') AS doubts,
       json_extract(w.body, '$.reasons[0]') AS reason, r.code,
       m.code AS member_code, m.name AS member_name, substr(coalesce(m.phone, m.phone_also), -4) AS member_last4,
       f.code AS friend_code, f.name AS friend_name, substr(coalesce(f.phone, f.phone_also), -4) AS friend_last4
FROM reward_list w JOIN members k ON k.member_id = w.member_id JOIN members m ON m.member_id = coalesce(k.merged_into, k.member_id)
JOIN referral_list r ON r.friend = w.friend AND r.refused IS NULL JOIN members f ON f.member_id = r.card
WHERE w.state = 'review';

CREATE VIEW report_points_by_day AS
SELECT l.day,
       sum(CASE WHEN coalesce(u.kind, t.kind, l.kind) IN ('redeem', 'expire') THEN 0 ELSE l.points END) AS issued,
       -sum(CASE WHEN coalesce(u.kind, t.kind, l.kind) = 'redeem' THEN l.points ELSE 0 END) AS redeemed,
       -sum(CASE WHEN coalesce(u.kind, t.kind, l.kind) = 'expire' THEN l.points ELSE 0 END) AS expired
FROM ledger l LEFT JOIN ledger t ON t.entry_id = l.reverses LEFT JOIN ledger u ON u.entry_id = t.reverses
GROUP BY l.day;

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

CREATE VIEW report_review AS
SELECT s.source, s.sale_id, s.total_minor, s.points, s.occurred_at, s.day, s.decision, lower(hex(c.member_id)) AS member_id,
       c.name AS member_name, substr(coalesce(c.phone, c.phone_also), -4) AS last4, o.at_ms AS held_at,
       coalesce((SELECT t.name FROM staff t WHERE t.staff_id = unhex(o.by, '-')), o.by) AS by_name,
       json_extract(o.body, '$.reasons') AS reasons
FROM sales s JOIN ops o USING (op_id) LEFT JOIN members m ON m.member_id = s.member_id
LEFT JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
WHERE s.move = 'hold' AND s.settled = 0;

CREATE VIEW report_rewards AS
WITH in_force AS (SELECT op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1),
offered AS (
    SELECT w.name, w.points, NULL AS stamps, w.cost_minor FROM rewards w JOIN in_force USING (op_id)
    UNION ALL
    SELECT k.name, 0, k.stamps, max(k.cost_minor) FROM cards k JOIN in_force USING (op_id)
    WHERE k.name NOT IN (SELECT w.name FROM rewards w JOIN in_force USING (op_id)) GROUP BY k.name)
SELECT o.name, o.points, o.stamps, o.cost_minor,
       (SELECT count(*) FROM ledger l WHERE l.reward = o.name AND l.kind = 'redeem'
          AND NOT EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id)) AS redeemed
FROM offered o;

CREATE VIEW report_rules AS
SELECT version, text, at_ms, coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(r.by, '-')), r.by) AS by_name
FROM rules r;

CREATE VIEW report_stamps AS
SELECT c.code AS member_code, k.position, k.name, k.stamps AS needed, sum(s.stamps) AS stamps
FROM cards k JOIN stamps s USING (card) JOIN members m USING (member_id)
JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
WHERE k.op_id = (SELECT op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1)
GROUP BY c.code, k.position, k.name, k.stamps;

CREATE VIEW report_totals AS
WITH points AS (
    SELECT coalesce(sum(issued), 0) AS issued, coalesce(sum(redeemed), 0) AS redeemed,
           coalesce(sum(expired), 0) AS expired FROM report_points_by_day),
dearest AS (
    SELECT name, points, cost_minor FROM report_rewards WHERE cost_minor IS NOT NULL AND stamps IS NULL
    ORDER BY 1.0 * cost_minor / points DESC LIMIT 1),
dearest_cards AS (
    SELECT k.card, k.stamps, k.cost_minor, max(1.0 * k.cost_minor / k.stamps) FROM cards k
    WHERE k.cost_minor IS NOT NULL AND k.op_id = (SELECT op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1)
    GROUP BY k.card),
owed AS (
    SELECT (SELECT ((SELECT max(0, coalesce(sum(r.points), 0)) FROM rights r) * cost_minor + points - 1) / points FROM dearest) AS for_points,
           (SELECT sum(((SELECT max(0, coalesce(sum(s.stamps), 0)) FROM stamps s WHERE s.card = d.card) * d.cost_minor + d.stamps - 1) / d.stamps)
            FROM dearest_cards d) AS for_stamps)
SELECT (SELECT count(*) FROM members WHERE merged_into IS NULL) AS members,
       (SELECT count(*) FROM sales WHERE settled = 0) AS sales,
       p.issued AS points_issued, p.redeemed AS points_redeemed, p.expired AS points_expired,
       (SELECT coalesce(sum(r.points), 0) FROM rights r) AS points_outstanding,
       (SELECT name FROM dearest) AS liability_reward,
       o.for_stamps AS liability_stamps_minor,
       CASE WHEN coalesce(o.for_points, o.for_stamps) IS NOT NULL THEN coalesce(o.for_points, 0) + coalesce(o.for_stamps, 0) END AS liability_minor
FROM points p, owed o;

CREATE VIEW report_visits_by_day AS
SELECT day, count(*) AS sales, count(entry_id) AS visits, count(DISTINCT CASE WHEN entry_id IS NULL THEN NULL ELSE member_id END) AS members,
       sum(total_minor - refunded_minor) AS sold_minor, sum(CASE WHEN member_id IS NULL THEN 0 ELSE total_minor - refunded_minor END) AS sold_to_members_minor
FROM sales WHERE reversed = 0 GROUP BY day;

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

CREATE TABLE rewards (
    op_id       BLOB NOT NULL REFERENCES rules (op_id),
    position    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    points      INTEGER NOT NULL CHECK (points > 0),
    cost_minor  INTEGER,
    PRIMARY KEY (op_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE rights (
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    holder      BLOB NOT NULL CHECK (length(holder) = 16),
    points      INTEGER NOT NULL,
    PRIMARY KEY (member_id, holder)
) STRICT, WITHOUT ROWID;

CREATE INDEX rights_by_holder ON rights (holder, member_id);

CREATE TABLE "rules" (
    version     INTEGER NOT NULL CHECK (version >= 1),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL UNIQUE REFERENCES ops (op_id),
    text        TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,
    by          TEXT NOT NULL,
    PRIMARY KEY (version, clock, op_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER sales_spent_delete AFTER DELETE ON sales WHEN OLD.member_id IS NOT NULL AND OLD.reversed = 0 BEGIN
    UPDATE members SET spent_minor = spent_minor - (OLD.total_minor - OLD.refunded_minor) WHERE member_id = OLD.member_id;
END;

CREATE TRIGGER sales_spent_insert AFTER INSERT ON sales WHEN NEW.member_id IS NOT NULL AND NEW.reversed = 0 BEGIN
    UPDATE members SET spent_minor = spent_minor + NEW.total_minor - NEW.refunded_minor WHERE member_id = NEW.member_id;
END;

CREATE TRIGGER sales_spent_update AFTER UPDATE OF member_id, total_minor, refunded_minor, reversed ON sales
WHEN OLD.member_id IS NOT NEW.member_id
  OR (OLD.total_minor - OLD.refunded_minor) * (1 - OLD.reversed) <> (NEW.total_minor - NEW.refunded_minor) * (1 - NEW.reversed) BEGIN
    UPDATE members SET spent_minor = spent_minor - (OLD.total_minor - OLD.refunded_minor) * (1 - OLD.reversed) WHERE member_id = OLD.member_id;
    UPDATE members SET spent_minor = spent_minor + (NEW.total_minor - NEW.refunded_minor) * (1 - NEW.reversed) WHERE member_id = NEW.member_id;
END;

CREATE TABLE "sales" (
    source          TEXT NOT NULL CHECK (source <> ''),
    sale_id         TEXT NOT NULL CHECK (sale_id <> ''),
    op_id           BLOB NOT NULL UNIQUE REFERENCES ops (op_id),
    member_id       BLOB REFERENCES members (member_id),
    -- The line that it made itself, and the one that it has: a held one gets it from its decision.
    own_entry_id    BLOB REFERENCES ledger (entry_id),
    entry_id        BLOB UNIQUE REFERENCES ledger (entry_id),
    total_minor     INTEGER NOT NULL CHECK (total_minor >= 0),
    items           TEXT NOT NULL CHECK (json_valid(items)),
    occurred_at     INTEGER NOT NULL,
    day             TEXT NOT NULL CHECK (length(day) = 10),
    move            TEXT NOT NULL CHECK (move IN ('skip', 'add', 'add_reward', 'hold')),
    points          INTEGER NOT NULL,
    -- Another of the same number was first: the relay has taken this one back.
    settled         INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
    -- It is the one of its number.
    standing        INTEGER NOT NULL DEFAULT 1 CHECK (standing IN (0, 1)),
    -- Taken back: by a reversal of its line, or refunded whole, or settled.
    reversed        INTEGER NOT NULL DEFAULT 0 CHECK (reversed IN (0, 1)),
    refunded_minor  INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    -- What became of a held sale; null while it waits.
    decision        TEXT CHECK (decision IN ('approved', 'rejected')),
    tax_minor       INTEGER NOT NULL DEFAULT 0 CHECK (tax_minor >= 0),
    tip_minor       INTEGER NOT NULL DEFAULT 0 CHECK (tip_minor >= 0),
    CHECK (decision IS NULL OR move = 'hold'),
    PRIMARY KEY (source, sale_id, op_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sales_by_day ON sales (day);

CREATE INDEX sales_by_member ON sales (member_id, occurred_at DESC) WHERE member_id IS NOT NULL;

CREATE UNIQUE INDEX sales_standing ON sales (source, sale_id) WHERE standing = 1;

CREATE INDEX sales_waiting ON sales (occurred_at) WHERE move = 'hold' AND decision IS NULL;

CREATE TABLE settings (
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE shop (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    shop_id     BLOB NOT NULL CHECK (length(shop_id) = 16),
    till_id     BLOB NOT NULL CHECK (length(till_id) = 16),
    till_name   TEXT NOT NULL,
    name        TEXT NOT NULL,
    currency    TEXT NOT NULL CHECK (length(currency) = 3),
    -- Minor units in one major unit, as a power of ten, for the reports.
    digits      INTEGER NOT NULL CHECK (digits BETWEEN 0 AND 4),
    region      TEXT NOT NULL CHECK (length(region) = 2),
    timezone    TEXT NOT NULL
) STRICT;

CREATE TABLE staff (
    staff_id    BLOB PRIMARY KEY CHECK (length(staff_id) = 16),
    name        TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('cashier', 'manager', 'owner')),
    pin_hash    TEXT NOT NULL,
    active      INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE stamps (
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    card        TEXT NOT NULL CHECK (card <> ''),
    holder      BLOB NOT NULL CHECK (length(holder) = 16),
    stamps      INTEGER NOT NULL,
    PRIMARY KEY (member_id, card, holder)
) STRICT, WITHOUT ROWID;

CREATE TABLE suspense (
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    till        BLOB NOT NULL REFERENCES lost (till),
    net         INTEGER NOT NULL,
    released    INTEGER NOT NULL CHECK (released >= 0),
    loss        INTEGER NOT NULL AS (max(0, min(released, -net))) VIRTUAL,
    PRIMARY KEY (member_id, till)
) STRICT, WITHOUT ROWID;

CREATE INDEX suspense_by_till ON suspense (till);

CREATE VIEW taken_back AS
SELECT r.reverses AS entry_id, r.entry_id AS by_entry_id FROM ledger r
WHERE r.reverses IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger u WHERE u.reverses = r.entry_id);

CREATE TABLE tills (
    till_id     BLOB PRIMARY KEY CHECK (length(till_id) = 16),
    name        TEXT NOT NULL,
    seen_at     INTEGER,
    app_version TEXT NOT NULL,
    pending     INTEGER NOT NULL,
    held_points INTEGER NOT NULL,
    skew_ms     INTEGER NOT NULL,
    revoked     INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE withdrawals (
    op_id       BLOB PRIMARY KEY,
    member_id   BLOB NOT NULL,
    origin      BLOB NOT NULL,
    covered     INTEGER NOT NULL DEFAULT 0 CHECK (covered IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX withdrawals_by_member ON withdrawals (member_id);
