//! The status bar: the shop's clock, who is there, and whether the data folder is well.

use super::{Answer, App, lock};
use crate::views::{Status, Storage, small};

impl App {
    /// The status bar. It is answered while the till is locked too, and is no sign of life.
    ///
    /// # Errors
    /// `not_initialised` before there is a shop.
    pub fn status(&self) -> Answer<Status> {
        let store = self.store()?;
        let now = store.now();
        let shop = store.shop();
        // A reader that can't read is trouble, too; what it says is kept.
        let reads = self.told(store.rules()).is_ok();
        let problem = lock(&self.trouble).clone();
        Ok(Status {
            shop_name: shop.name.clone(),
            till_name: shop.till_name.clone(),
            session: self.session(&store, now),
            relay: self.relay_state(&store),
            sales_in: self.sales_in_trouble(),
            // Where it can't be read, the storage says so.
            held: small(store.held_count().unwrap_or(0)),
            storage: Storage {
                ok: reads && problem.is_none(),
                problem,
                free_mb: self.free_mb(),
                last_backup_at: self.copied_at().max(self.backed_up_at()).map(loyalty::UtcMs::rfc3339),
                secrets_in_keyring: self.vault.in_keyring(),
            },
            clock: shop.zone.local(now).format("%H:%M").to_string(),
        })
    }

    /// Free space where the shop is, in MB; 0 where the system does not say.
    fn free_mb(&self) -> i32 {
        let bytes = fs4::available_space(self.place.folder()).unwrap_or(0);
        i32::try_from(bytes / 1_000_000).unwrap_or(i32::MAX)
    }

    /// When the newest copy in `backups/` was made.
    fn copied_at(&self) -> Option<loyalty::UtcMs> {
        let newest = std::fs::read_dir(self.place.folder().join("backups"))
            .ok()?
            .filter_map(Result::ok)
            .filter(|file| file.path().extension().is_some_and(|e| e == "db"))
            .filter_map(|file| file.metadata().ok()?.modified().ok())
            .max()?;
        let since = newest.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(loyalty::UtcMs(i64::try_from(since.as_millis()).ok()?))
    }
}
