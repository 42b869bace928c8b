//! `cargo xtask …`: the developers' only entry points. Here: which word starts what. What each does is in its module.

mod build;
mod demo_relay;
mod linker;
mod program;
mod repo;
mod run;
mod setup;
mod simulate;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask setup                       install what building and testing need
cargo xtask run [--data DIR]            open the till on a demo shop (or on the shop in DIR)
cargo xtask test [--only STEP,…|--list] everything CI does
cargo xtask tidy                        the house rules a compiler can't check
cargo xtask tidy --record-migrations    write down the checksums of new migrations
cargo xtask bench [--quick] [ARGS]      measure, in a release build
cargo xtask demo-data [--data DIR] [--seed N]   make a demo shop
cargo xtask bindings                    write the TypeScript types of what the windows are told
cargo xtask simulate [--seed S | --seeds N] [--ops N] [--jobs N]   a shop of several tills where everything fails
cargo xtask simulate --planted [NAME …]  whether the simulation finds bugs that are planted on purpose
cargo xtask screenshots                 run the window tests and keep their pictures in target/screenshots";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((word, rest)) = args.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let done = match word.as_str() {
        "setup" => none(rest).and_then(|()| setup::run(setup::Part::Everything)),
        "run" => run::run(rest),
        "test" => test::run(rest),
        "tidy" => tidy::run(rest),
        "bench" => build::bench(rest),
        "demo-data" => build::demo_data(rest),
        "simulate" => simulate::run(rest),
        "bindings" => none(rest).and_then(|()| build::bindings()),
        "screenshots" => none(rest).and_then(|()| build::screenshots()),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(format!("There is no `cargo xtask {other}`. There is:\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Refuses words that a command does not take.
fn none(rest: &[String]) -> Result<(), String> {
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(format!("`{word}` is not understood here. See `cargo xtask help`.")),
    }
}

/// Takes `--name VALUE` out of `args`; the words that are left stay in order.
fn take_option(args: &mut Vec<String>, name: &str) -> Result<Option<String>, String> {
    let Some(at) = args.iter().position(|arg| arg == name) else {
        return Ok(None);
    };
    if at + 1 >= args.len() {
        return Err(format!("{name} needs a value after it."));
    }
    args.remove(at);
    Ok(Some(args.remove(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn an_option_is_taken_with_its_value() {
        let mut args = words("a --data shop b");
        assert_eq!(take_option(&mut args, "--data"), Ok(Some("shop".to_string())));
        assert_eq!(args, words("a b"));
        assert_eq!(take_option(&mut args, "--data"), Ok(None));
    }

    #[test]
    fn an_option_without_its_value_is_refused() {
        assert!(take_option(&mut words("--data"), "--data").is_err());
        assert!(none(&words("more")).is_err());
    }
}
