//! `regulars-relay`: reads the arguments, does what they say, and ends with 0, 1 (it failed) or 2 (not understood).

use clap::Parser;
use relay::cli::{Cli, Command};
use relay::{api, backup, commands, documents, mail, serve, settings, web};
use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    match act(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(cli: Cli) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Command::Serve { given, check_config } = cli.command {
        let settings = settings::settle(&cli.place, *given)?;
        if check_config {
            println!("{}", serde_json::to_string_pretty(&settings)?);
            return Ok(());
        }
        return Ok(runtime.block_on(serve::run(settings))?);
    }
    let url = settings::database(&cli.place)?;
    let key_file = settings::key_file(&cli.place)?;
    if let Command::Backup { command } = cli.command {
        println!("{}", runtime.block_on(backup::commands::run(&url, command))?);
        return Ok(());
    }
    let said = runtime.block_on(async {
        let db = commands::open(&url).await?;
        let said = match cli.command {
            Command::Shop { command } => commands::shop(&db, command).await,
            Command::Code { command } => Ok(web::commands::code(&db, command).await?),
            Command::Mail { command } => Ok(mail::commands::run(&db, key_file.as_deref(), *command).await?),
            Command::Document(args) => documents::commands::run(&db, key_file.as_deref(), *args).await,
            Command::Key { command } => api::commands::key(&db, command).await,
            Command::Clicks(args) => Ok(web::commands::clicks(&db, args).await?),
            Command::PairCode { shop, json } => commands::pair_code(&db, shop, json).await,
            Command::Invite { command } => commands::invite(&db, command).await,
            Command::Restored => commands::restored(&db).await,
            Command::Serve { .. } | Command::Backup { .. } => Ok(String::new()),
        };
        db.close().await;
        said
    })?;
    println!("{said}");
    Ok(())
}
