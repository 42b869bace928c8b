//! The app on a temporary folder, with a clock that stands still until told: what each role may do, the lock, PINs,
//! the owner's window, and what can be wrong at the start. No window, no sleeping.

mod backups;
mod counter;
mod documents;
mod files;
mod mail;
mod outreach;
mod owner;
mod people;
mod refunds;
mod review;
mod rights;
mod rules;
mod sales_in;
mod start;
mod tills;
mod win_back;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ledger::{Clock, Ids, Options, SystemIds};
use loyalty::UtcMs;
use tempfile::TempDir;

use super::vault::Vault;
use super::{Answer, App, LOCK_AFTER_S};
use crate::place::Place;
use crate::views::{self, Failure, FirstStart, StaffEdit, StaffTile, Startup, StorageCode, StorageProblem};

pub const OWNER_PIN: &str = "2468";

/// A clock that stands still. Friday, 2026-11-20, 18:00 in UTC.
pub struct HandClock(AtomicI64);

impl HandClock {
    fn new() -> Self {
        Self(AtomicI64::new(1_795_197_600_000))
    }

    pub fn pass_s(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

/// A folder, a clock, and the app on them.
pub struct Rig {
    pub dir: TempDir,
    pub clock: Arc<HandClock>,
    pub app: Arc<App>,
}

impl Rig {
    /// An empty folder.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock::new());
        let app = Arc::new(app_on(dir.path(), &clock));
        Self { dir, clock, app }
    }

    /// A shop, its owner Olga signed in.
    pub fn shop() -> Self {
        let rig = Self::new();
        rig.app.first_start(&first()).unwrap();
        rig
    }

    /// A second app on the same folder.
    pub fn another(&self) -> Arc<App> {
        Arc::new(app_on(self.dir.path(), &self.clock))
    }

    /// Adds somebody; an owner or a manager must be signed in. Answers their id.
    pub fn hire(&self, name: &str, role: views::Role, pin: &str) -> String {
        let staff = self.app.staff_edit(&hired(name, role, pin)).unwrap();
        id_of(&staff, name)
    }

    /// Ids of the owner Olga, and of Ben the manager (PIN 3333) and Ana the cashier (1111), who are hired here. Ana
    /// is signed in at the end.
    pub fn staffed(&self) -> [String; 3] {
        let ben = self.hire("Ben", views::Role::Manager, "3333");
        let ana = self.hire("Ana", views::Role::Cashier, "1111");
        let olga = id_of(&self.app.staff_list().unwrap(), "Olga");
        self.app.sign_in(&ana, "1111").unwrap();
        [olga, ben, ana]
    }

    /// Enrols Maria and credits $120 to her. Answers her id and the line's.
    pub fn maria(&self) -> (String, String) {
        let card = self.app.enrol(&enrol("619 555 0123", "Maria Lopez")).unwrap();
        let credited = self.app.credit(&credit(&card.member_id, "120.00", None)).unwrap();
        (card.member_id, credited.entry_id.unwrap())
    }
}

fn app_on(dir: &Path, clock: &Arc<HandClock>) -> App {
    let options = Options {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        ids: Arc::new(SystemIds),
        ..Options::default()
    };
    let place = Place::at(&dir.join("shop"));
    let vault = Vault::new(place.folder().to_owned(), true);
    App::with(place, options, vault)
}

pub fn op() -> String {
    SystemIds.uuid(UtcMs(0)).to_string()
}

pub fn first() -> FirstStart {
    FirstStart {
        shop_name: "Harbour Coffee".to_owned(),
        currency: "USD".to_owned(),
        region: "US".to_owned(),
        timezone: "America/Los_Angeles".to_owned(),
        owner_name: "Olga".to_owned(),
        owner_pin: OWNER_PIN.to_owned(),
        reward_name: "Free coffee".to_owned(),
        reward_points: 100,
        reward_cost: Some("1.20".to_owned()),
    }
}

pub fn hired(name: &str, role: views::Role, pin: &str) -> StaffEdit {
    StaffEdit {
        op_id: op(),
        staff_id: None,
        name: name.to_owned(),
        role,
        pin: Some(pin.to_owned()),
        active: true,
    }
}

pub fn enrol(phone: &str, name: &str) -> views::Enrol {
    views::Enrol {
        op_id: op(),
        phone: phone.to_owned(),
        name: name.to_owned(),
        email: String::new(),
        email_consent: false,
        birthday: String::new(),
        referred_by: String::new(),
    }
}

pub fn credit(member_id: &str, amount: &str, sale_id: Option<&str>) -> views::Credit {
    views::Credit {
        visit: None,
        bought: Vec::new(),
        op_id: op(),
        member_id: member_id.to_owned(),
        amount: amount.to_owned(),
        sale_id: sale_id.map(str::to_owned),
    }
}

pub fn reverse(entry_id: &str) -> views::Reverse {
    views::Reverse {
        op_id: op(),
        entry_id: entry_id.to_owned(),
    }
}

pub fn id_of(staff: &[StaffTile], name: &str) -> String {
    staff.iter().find(|s| s.name == name).unwrap().staff_id.clone()
}

/// The code, field and number of a refusal.
pub fn refused<T: std::fmt::Debug>(answer: Answer<T>) -> (String, String, Option<i32>) {
    match answer {
        Err(Failure::Refused {
            code, field, number, ..
        }) => (code, field, number),
        other => panic!("not refused: {other:?}"),
    }
}

pub fn code<T: std::fmt::Debug>(answer: Answer<T>) -> String {
    refused(answer).0
}

pub fn problem(startup: Startup) -> StorageProblem {
    match startup {
        Startup::Problem { problem } => problem,
        other => panic!("no problem: {other:?}"),
    }
}

pub fn storage_code<T: std::fmt::Debug>(answer: Answer<T>) -> StorageCode {
    match answer {
        Err(Failure::Storage { problem }) => problem.code,
        other => panic!("no storage problem: {other:?}"),
    }
}
