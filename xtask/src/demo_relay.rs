//! The relay beside the demo shop: started with it, the shop's only till paired to it once, stopped with it.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{program, repo};

/// Where it listens: always there, for the till remembers the address.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4181);
/// A relay that does not listen after this has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks whether it listens.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A relay that ends with this.
pub struct Relay(Child);

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself; its database survives a kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the relay for the demo shop in this folder; `relay` and `ctl` are the programs. None, and why is said, where
/// it can't be started: the till works alone, too.
pub fn start(shop: &Path, relay: &Path, ctl: &Path) -> Option<Relay> {
    match begin(shop, relay, ctl) {
        Ok(running) => Some(running),
        Err(why) => {
            println!("relay          not there: {why} The till works alone.");
            None
        }
    }
}

fn begin(shop: &Path, relay: &Path, ctl: &Path) -> Result<Relay, String> {
    // Whoever has the port is not ours: the till must not speak to it.
    drop(TcpListener::bind(ADDRESS).map_err(|error| format!("{ADDRESS} can't be listened on ({error})."))?);
    let log = repo::target().join("demo-relay.log");
    let written = || File::create(&log).map_err(|error| format!("{} can't be written: {error}.", log.display()));
    let url = format!("http://{ADDRESS}");
    let mut serve = of_demo(relay);
    serve.args(["serve", "--listen", &ADDRESS.to_string(), "--public-url", &url]);
    serve.stdin(Stdio::null()).stdout(written()?).stderr(Stdio::null());
    let mut running = Relay(
        serve
            .spawn()
            .map_err(|error| format!("it can't be started: {error}."))?,
    );
    listening(&mut running, &log)?;
    let id = paired(shop, relay, ctl, &url)?;
    println!("relay          {url}, its log in {}", log.display());
    println!("               customers join at {url}/join/{id}");
    Ok(running)
}

fn listening(relay: &mut Relay, log: &Path) -> Result<(), String> {
    let began = Instant::now();
    while TcpStream::connect(ADDRESS).is_err() {
        let ended = relay.0.try_wait().is_ok_and(|ended| ended.is_some());
        if ended || began.elapsed() > PATIENCE {
            return Err(format!("it does not listen; {} says why.", log.display()));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// The shop's id at the relay. The first time the shop is made there and its till is paired: a note in the shop's folder
/// remembers it, and goes with it.
fn paired(shop: &Path, relay: &Path, ctl: &Path, url: &str) -> Result<String, String> {
    let note = shop.join("demo-relay.txt");
    if let Ok(id) = std::fs::read_to_string(&note) {
        return Ok(id);
    }
    let facts = "--name=Harbour Coffee|--currency=USD|--region=US|--timezone=America/Los_Angeles|--json";
    let made = program::answer(of_demo(relay).args(["shop", "create"]).args(facts.split('|')))
        .and_then(|said| serde_json::from_str::<serde_json::Value>(&said).ok())
        .ok_or("the shop can't be made there.")?;
    let [Some(id), Some(code)] = ["shop_id", "pairing_code"].map(|name| made[name].as_str()) else {
        return Err("it did not say how to pair.".into());
    };
    let mut pair = program::program(ctl);
    pair.arg("--data").arg(shop).args(["pair", code, "--relay", url]);
    program::answer(&mut pair).ok_or("the till could not be paired; Tills in the owner's window does it.")?;
    // Without the note the next start tries again, and says that the till is paired already.
    let _ = std::fs::write(&note, id);
    Ok(id.to_owned())
}

fn of_demo(relay: &Path) -> Command {
    let mut command = program::program(relay);
    let database = repo::target().join("demo-relay.db");
    command.arg(format!("--database=sqlite:{}", database.display()));
    command.arg("--key-file").arg(repo::target().join("demo-relay.key"));
    command
}
