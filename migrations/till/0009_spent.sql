-- What each member has spent is kept beside their visits: the owner's list sorts by it, and summing every sale of every
-- member at each look took seconds in a large shop. `ledger verify` sums again and compares.
ALTER TABLE members ADD COLUMN spent_minor INTEGER NOT NULL DEFAULT 0;
UPDATE members SET spent_minor = coalesce((SELECT sum(s.total_minor - s.refunded_minor) FROM sales s
    WHERE s.member_id = members.member_id AND s.reversed = 0), 0);

CREATE TRIGGER sales_spent_insert AFTER INSERT ON sales WHEN NEW.member_id IS NOT NULL AND NEW.reversed = 0 BEGIN
    UPDATE members SET spent_minor = spent_minor + NEW.total_minor - NEW.refunded_minor WHERE member_id = NEW.member_id;
END;
CREATE TRIGGER sales_spent_update AFTER UPDATE OF member_id, total_minor, refunded_minor, reversed ON sales
WHEN OLD.member_id IS NOT NEW.member_id
  OR (OLD.total_minor - OLD.refunded_minor) * (1 - OLD.reversed) <> (NEW.total_minor - NEW.refunded_minor) * (1 - NEW.reversed) BEGIN
    UPDATE members SET spent_minor = spent_minor - (OLD.total_minor - OLD.refunded_minor) * (1 - OLD.reversed) WHERE member_id = OLD.member_id;
    UPDATE members SET spent_minor = spent_minor + (NEW.total_minor - NEW.refunded_minor) * (1 - NEW.reversed) WHERE member_id = NEW.member_id;
END;
CREATE TRIGGER sales_spent_delete AFTER DELETE ON sales WHEN OLD.member_id IS NOT NULL AND OLD.reversed = 0 BEGIN
    UPDATE members SET spent_minor = spent_minor - (OLD.total_minor - OLD.refunded_minor) WHERE member_id = OLD.member_id;
END;

DROP VIEW report_members;
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
