//! `regularsctl`: a shop's store without a window. Here: which word starts what, and how the process ends.
//!
//! Not here: what the words are (`args`), what is said (`out`) and how it fails (`failure`). Each command is an
//! adapter: it reads its arguments, calls the store once, and says what came of it.

mod args;
mod backtest;
mod counter;
mod demo;
mod export;
mod failure;
mod import;
mod lapsing;
mod log;
mod member;
mod out;
mod place;
mod referrals;
mod review;
mod rights;
mod rules;
mod safety;
mod sealed;
mod serve;
mod shop;
mod till;
mod tills;
mod tried;
mod versions;

use clap::Parser;
use loyalty::op::SaleKey;
use std::process::ExitCode;

use args::{Args, Command, ImportKind, LedgerCommand, MemberCommand};
use failure::Result;
use out::Out;
use place::Place;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => return failure::of_arguments(&e),
    };
    let out = Out::new(args.json);
    match run(args, out) {
        Ok(code) => code,
        Err(e) => {
            out.failed(&e);
            e.exit_code()
        }
    }
}

fn run(args: Args, out: Out) -> Result<ExitCode> {
    let place = Place::new(args.data);
    let done = |(): ()| ExitCode::SUCCESS;
    match args.command {
        Command::Init(new) => shop::init(&place, &new, out).map(done),
        Command::Import {
            kind: ImportKind::Sales(file),
        } => import::sales::run(&place, &file, out).map(done),
        Command::Import {
            kind: ImportKind::Members(file),
        } => import::members::run(&place, &file, out).map(done),
        Command::Member {
            what: MemberCommand::Add(new),
        } => member::add(&place, &new, out).map(done),
        Command::Member {
            what: MemberCommand::Edit(edit),
        } => member::edit(&place, &edit, out).map(done),
        Command::Member {
            what: MemberCommand::Show(key),
        } => member::show(&place, &key, out).map(done),
        Command::Member {
            what: MemberCommand::List(which),
        } => member::list(&place, &which, out).map(done),
        Command::Credit(credit) => counter::credit(&place, &credit, out).map(done),
        Command::Redeem {
            phone,
            reward,
            lots,
            stamps,
            sale_id,
            source,
        } => {
            let with = sale_id.map(|sale_id| SaleKey { source, sale_id });
            counter::redeem(&place, &phone, counter::what(reward, lots, stamps), with, out).map(done)
        }
        Command::Lapsing { what } => lapsing::run(&place, &what, out).map(done),
        Command::Referrals { what } => referrals::run(&place, &what, out).map(done),
        Command::Rights { what } => rights::run(&place, &what, out).map(done),
        Command::Reverse { entry } => counter::reverse(&place, &entry, out).map(done),
        Command::Adjust { phone, points, reason } => counter::adjust(&place, &phone, points, reason, out).map(done),
        Command::Member {
            what: MemberCommand::Merge { one, other },
        } => member::merge(&place, &one, &other, out).map(done),
        Command::Member {
            what: MemberCommand::Unmerge { member_id },
        } => member::unmerge(&place, &member_id, out).map(done),
        Command::Pair { code, relay, till } => tills::pair(&place, &code, &relay, &till, out).map(done),
        Command::Sync { once: true } => tills::sync(&place, out).map(done),
        Command::Sync { once: false } => tills::keep_syncing(&place, out).map(done),
        Command::Till { what } => till::run(&place, &what, out).map(done),
        Command::StateHash => tills::state_hash(&place, out).map(done),
        Command::Stats => shop::stats(&place, out).map(done),
        Command::Ledger {
            what: LedgerCommand::Verify,
        } => log::verify(&place, out),
        Command::Ledger {
            what: LedgerCommand::Export { format, out: file },
        } => export::run(&place, format, file.as_deref(), out).map(done),
        Command::Backup { file, encrypt } => safety::backup(&place, &file, encrypt.as_deref(), out).map(done),
        Command::Restore { file, s3, decrypt, yes } => {
            let from = safety::From {
                file: &file,
                s3: s3.as_deref(),
            };
            safety::restore(&place, from, decrypt.as_deref(), yes, out).map(done)
        }
        Command::Rules { what } => rules::run(&place, &what, out),
        Command::Review { what } => review::run(&place, what, out).map(done),
        Command::Refund(refund) => review::refund(&place, refund, out).map(done),
        Command::Expire => review::expire(&place, out).map(done),
        Command::Serve(serve) => serve::run(&place, &serve, out).map(done),
        Command::Demo(demo) => demo::run(&place, &demo, out).map(done),
    }
}
