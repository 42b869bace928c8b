-- The words that a mail to another shop was made of, to be changed: a subject line and the text under it, as a voice's
-- section is written. None for what a relay of before drafted.

ALTER TABLE outreach ADD COLUMN words TEXT;
