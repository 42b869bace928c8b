-- Finding the shops whose mail is due, each by one look; and who named a shop's server.

CREATE INDEX mails_by_shop ON mails (shop_id, due_at) WHERE state = 'queued';

-- Whether whoever runs the relay named the server: then it may be inside the relay's own network. One that an owner named
-- must be outside each time it is connected to, wherever its name leads by then.
ALTER TABLE mail_shops ADD COLUMN inside BIGINT NOT NULL DEFAULT 0 CHECK (inside IN (0, 1));

-- Owners may not name these.
UPDATE mail_shops SET inside = 1 WHERE host IN ('localhost', '127.0.0.1', '::1');
