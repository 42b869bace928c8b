-- Finding a member: words of the name and email by their beginnings, digits of the phone by any three in a row.

-- Positions are kept (no detail = 'none'): what is typed as one word may be several to the index, in many scripts.
CREATE VIRTUAL TABLE member_words USING fts5 (
    words, content = '', contentless_delete = 1,
    prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' tokenchars '@'");
CREATE VIRTUAL TABLE member_digits USING fts5 (
    digits, content = '', contentless_delete = 1, tokenize = 'trigram');

-- Letters without an accent to remove are there both as they are and as others type them.
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
