-- What the relay told of members' addresses: whether the one that the shop has now was confirmed by the link that was sent
-- there. Beside the log, which does not say it: it is the relay's to know, is asked for, and can be asked for again.

CREATE TABLE mail_standing (
    member_id   BLOB PRIMARY KEY REFERENCES members (member_id),
    -- None: the relay has another address of them.
    confirmed   INTEGER CHECK (confirmed IN (0, 1)),
    -- 0: something has happened since, and it is asked for again.
    asked_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether the shop sends mail at all, as the relay last told; no row while it never did.
CREATE TABLE mail_sends (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    sends       INTEGER NOT NULL CHECK (sends IN (0, 1)),
    asked_at    INTEGER NOT NULL
) STRICT;

-- Another address, or another card: what was told is about something else.
CREATE TRIGGER mail_standing_gone AFTER UPDATE OF email, erased, merged_into ON members
WHEN OLD.email IS NOT NEW.email OR OLD.erased IS NOT NEW.erased OR OLD.merged_into IS NOT NEW.merged_into BEGIN
    DELETE FROM mail_standing WHERE member_id IN (NEW.member_id, OLD.merged_into, NEW.merged_into);
END;
-- A yes or a no was said: the relay says yes for a member who tapped the link.
CREATE TRIGGER mail_standing_stale AFTER UPDATE OF email_consent ON members BEGIN
    UPDATE mail_standing SET asked_at = 0 WHERE member_id IN (NEW.member_id, NEW.merged_into);
END;
-- A relay that was restored may have forgotten who tapped it; another one never knew.
CREATE TRIGGER mail_standing_restored AFTER UPDATE OF incarnation ON relay WHEN OLD.incarnation <> NEW.incarnation BEGIN
    UPDATE mail_standing SET asked_at = 0;
    DELETE FROM mail_sends;
END;
CREATE TRIGGER mail_standing_paired AFTER INSERT ON relay BEGIN
    DELETE FROM mail_standing;
    DELETE FROM mail_sends;
END;

-- How it stands with a member's mail, for a card and for the owner: `none` (no address), `no`, `stopped` (yes once, and not
-- any more), `unconfirmed`, `confirmed`, and `yes` where nothing is known of the address, or no mail is sent.
CREATE VIEW report_mail AS
SELECT lower(hex(m.member_id)) AS member_id,
       CASE WHEN m.email = '' THEN 'none'
            WHEN m.email_consent = 1 THEN coalesce(
                (SELECT CASE s.confirmed WHEN 1 THEN 'confirmed' WHEN 0 THEN 'unconfirmed' END FROM mail_standing s, mail_sends r
                 WHERE s.member_id = m.member_id AND r.sends = 1), 'yes')
            WHEN EXISTS (SELECT 1 FROM members g WHERE (g.member_id = m.member_id OR g.merged_into = m.member_id) AND g.consent_given = 1)
            THEN 'stopped' ELSE 'no' END AS standing
FROM members m WHERE m.merged_into IS NULL;
