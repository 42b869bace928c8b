//! The servers that are compared, each a process of its own: the relay, the relay's server with a bare 302, nginx; and
//! a PostgreSQL. They end when they are dropped.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use relay::serve::listen;
use relay::settings::{Given, Where};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tokio::sync::watch;

use crate::Result;
use crate::mailing::sink;

/// A running server.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Each ends in order on SIGTERM, and so do the processes that it started.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// The relay on a database.
pub fn relay(url: &str) -> Result<Server> {
    this(url)
}

/// The relay's server, with nothing behind it but a 302.
pub fn bare() -> Result<Server> {
    this("bare")
}

/// This program again, as a server: see [`serve`].
pub fn this(what: &str) -> Result<Server> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--serve", what]);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut said = String::new();
    let output = child.stdout.take().ok_or("the server says nothing")?;
    BufReader::new(output).read_line(&mut said)?;
    let said: serde_json::Value = serde_json::from_str(&said)?;
    let address = said["listening"]
        .as_str()
        .ok_or("the server does not listen")?
        .parse()?;
    Ok(Server { child, address })
}

/// Is a server until it is told to stop: the bare one, or a relay on the database at `what`.
pub fn serve(what: &str) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if what == "bare" {
        return runtime.block_on(serve_bare());
    }
    if what == sink::NAME {
        return runtime.block_on(sink::serve());
    }
    let place = Where {
        database: Some(what.to_owned()),
        ..Where::default()
    };
    let mut settings = relay::settings::settle(&place, Given::default())?;
    settings.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    settings.click_rate = NonZeroU32::MAX;
    Ok(runtime.block_on(relay::serve::run(settings))?)
}

async fn serve_bare() -> Result {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", serde_json::json!({"listening": listener.local_addr()?}));
    let to = [
        (header::LOCATION, "https://example.com/menu"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let router = Router::new().route("/ref/{code}", get(async move || (StatusCode::FOUND, to)));
    let (_stop, stopped) = watch::channel(false);
    listen::serve(listener, router, NonZeroU32::MAX, stopped).await;
    Ok(())
}

const NGINX: &str = "
daemon off;
worker_processes auto;
pid FOLDER/nginx.pid;
error_log FOLDER/nginx.log;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    server {
        listen 127.0.0.1:PORT;
        location /ref/ { add_header Cache-Control no-store always; return 302 https://example.com/menu; }
    }
}
";

fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// nginx with a bare 302; none where it is not installed.
pub fn nginx(dir: &Path) -> Result<Option<Server>> {
    let Some(program) = find("nginx", &["/usr/sbin", "/usr/bin", "/usr/local/sbin"]) else {
        return Ok(None);
    };
    let folder = std::path::absolute(dir)?;
    let address = free_port()?;
    let text = NGINX
        .replace("FOLDER", &folder.display().to_string())
        .replace("PORT", &address.port().to_string());
    let config = folder.join("nginx.conf");
    std::fs::write(&config, text)?;
    let child = Command::new(program)
        .arg("-p")
        .arg(&folder)
        .arg("-c")
        .arg(&config)
        .stderr(Stdio::null())
        .spawn()?;
    let server = Server { child, address };
    while std::net::TcpStream::connect(address).is_err() {
        std::thread::yield_now();
    }
    Ok(Some(server))
}

fn find(program: &str, folders: &[&str]) -> Option<PathBuf> {
    folders
        .iter()
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.is_file())
}

/// A PostgreSQL of the bench's own, on the disk that is measured.
pub struct Postgres {
    keeper: Child,
    /// Its address.
    pub url: String,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // When its input closes it ends the server and cleans up.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

const KEEPER: &str = r#"
set -e
end() { pg_ctl -D "$FOLDER/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$FOLDER"; }
trap end EXIT
initdb -D "$FOLDER/data" --auth=trust --username=postgres --encoding=UTF8 >"$FOLDER/log" 2>&1
pg_ctl -D "$FOLDER/data" -w -l "$FOLDER/log" -o "-p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >/dev/null 2>&1
echo ready
cat >/dev/null
"#;

/// Starts one; none where it is not installed.
pub fn postgres(dir: &Path) -> Result<Option<Postgres>> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let Some(programs) = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").is_file())
        .max()
    else {
        return Ok(None);
    };
    let folder = std::path::absolute(dir)?.join("postgres");
    std::fs::create_dir_all(&folder)?;
    let port = free_port()?.port();
    let root = Command::new("id").arg("-u").output()?.stdout.trim_ascii() == b"0";
    // The server refuses root.
    let mut command = if root {
        Command::new("runuser")
    } else {
        Command::new("sh")
    };
    if root {
        Command::new("chown").arg("postgres").arg(&folder).status()?;
        command.args(["-u", "postgres", "--", "sh"]);
    }
    let path = std::env::join_paths(
        std::iter::once(programs).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    )?;
    command
        .args(["-c", KEEPER])
        .env("PATH", path)
        .env("FOLDER", &folder)
        .env("PORT", port.to_string())
        .current_dir("/");
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut said = String::new();
    BufReader::new(keeper.stdout.take().ok_or("PostgreSQL says nothing")?).read_line(&mut said)?;
    if said.is_empty() {
        return Err("PostgreSQL did not start".into());
    }
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    Ok(Some(Postgres { keeper, url }))
}
