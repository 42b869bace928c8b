//! A PostgreSQL of the tests' own: started by the first test that needs it, ended when the tests' process ends, however
//! that happens.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// It watches its input: when that closes, because the tests are done or were killed, it ends the server.
const KEEPER: &str = r#"
set -e
folder=$(mktemp -d "${TMPDIR:-/tmp}/relay-postgres.XXXXXX")
end() { pg_ctl -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap end EXIT
initdb -D "$folder/data" --auth=trust --username=postgres --encoding=UTF8 --no-sync >"$folder/log" 2>&1
cat >>"$folder/data/postgresql.conf" <<CONF
port = $PORT
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 400
# Processes are killed here, not machines: what was handed to the system is not lost.
fsync = off
CONF
pg_ctl -D "$folder/data" -w -l "$folder/log" start >/dev/null 2>&1
echo "$folder/data"
cat >/dev/null
"#;

/// A running server.
pub struct Server {
    port: u16,
    data: PathBuf,
    databases: AtomicU32,
    /// Its input, held open, keeps the server up.
    _keeper: Child,
}

/// The server that the tests share; none, with a clear word, where there is no PostgreSQL and this is not CI.
pub fn shared() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref()
}

/// A server of one test's own.
pub fn start() -> Option<Server> {
    let Some(path) = path() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must have PostgreSQL: apt-get install postgresql"
        );
        eprintln!("SKIPPED: there is no PostgreSQL here. Install Debian's package `postgresql` to run this test.");
        return None;
    };
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut keeper = as_postgres("sh");
    keeper
        .args(["-c", KEEPER])
        .env("PATH", path)
        .env("PORT", port.to_string());
    // Ctrl-C in a terminal goes to the whole group; the keeper has to live on to clean up.
    keeper.process_group(0).current_dir("/");
    keeper
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut keeper = keeper.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(keeper.stdout.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(!said.is_empty(), "PostgreSQL did not start");
    Some(Server {
        port,
        data: said.trim().into(),
        databases: AtomicU32::new(0),
        _keeper: keeper,
    })
}

impl Server {
    /// A new, empty database's address.
    pub fn database(&self) -> String {
        let name = format!("relay_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// What `psql` answers.
    pub fn query(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new("psql");
        psql.env("PATH", path().unwrap())
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]);
        psql.args([
            "-U",
            "postgres",
            "-p",
            &self.port.to_string(),
            "-d",
            database,
            "-c",
            sql,
        ]);
        let said = psql.output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }

    /// Ends every connection in the middle of whatever it does, and starts again.
    pub fn restart(&self) {
        let mut command = as_postgres("pg_ctl");
        command
            .env("PATH", path().unwrap())
            .current_dir("/")
            .args(["-m", "immediate", "-w", "-D"])
            .arg(&self.data);
        command.arg("-l").arg(self.data.with_file_name("log")).arg("restart");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "PostgreSQL did not start again");
    }
}

/// A program run as the user `postgres` where we are root: the server refuses root.
fn as_postgres(program: &str) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() != b"0" {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--", program]);
    command
}

/// PATH with PostgreSQL's own programs in it, which Debian keeps apart.
fn path() -> Option<String> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    let usual = std::env::var("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&usual));
    folders
        .iter()
        .any(|folder| folder.join("initdb").is_file())
        .then_some(())?;
    std::env::join_paths(folders).ok()?.into_string().ok()
}
