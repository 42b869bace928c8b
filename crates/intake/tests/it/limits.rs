//! What is too long, not JSON, elsewhere, or comes while the machine can't: its status, and a server that goes on.

use intake::{BODY_MAX, Config, Intake, StartError};
use pos::signature::standard;
use serde_json::json;

use crate::http::Client;
use crate::support::{headers, sale, secret, till};

#[test]
fn too_long() {
    let till = till();
    let mut client = till.client();
    let at_most = client.send("POST", "/pos/sale", &[], &vec![b' '; BODY_MAX]).unwrap();
    assert_eq!(at_most.status, 401);
    let over = client
        .send("POST", "/pos/sale", &[], &vec![b' '; BODY_MAX + 1])
        .unwrap();
    assert_eq!((over.status, &over.json["error"]["code"]), (413, &json!("too_large")));
    assert!(client.is_closed());
    // Without a length beforehand, too.
    let mut client = till.client();
    let head = "POST /pos/sale HTTP/1.1\r\nhost: till\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = [b"10000\r\n", vec![b' '; 0x10000].as_slice(), b"\r\n"].concat();
    client
        .write(&[head.as_bytes(), &chunk.repeat(5), b"0\r\n\r\n"].concat())
        .unwrap();
    assert_eq!(client.reply().unwrap().status, 413);
}

#[test]
fn not_json() {
    let till = till();
    let body = sale("A-1", "6195550123", "12.50").to_string().into_bytes();
    let send = |kind: Option<&str>, body: &[u8]| {
        let signed = standard::sign(&[secret(1)], "msg_1", till.store.now(), body);
        let mut all = headers(&signed).to_vec();
        all.extend(kind.map(|kind| ("content-type", kind)));
        till.client().send("POST", "/pos/sale", &all, body).unwrap()
    };
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some(""),
    ] {
        assert_eq!(send(kind, &body).status, 415, "{kind:?}");
    }
    for kind in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/cloudevents+json",
    ] {
        assert_eq!(send(Some(kind), &body).status, 200, "{kind}");
    }
    let broken = send(Some("application/json"), &body[1..]);
    assert_eq!(
        (broken.status, &broken.json["error"]["code"]),
        (422, &json!("bad_json"))
    );
}

#[test]
fn elsewhere() {
    let till = till();
    let mut client = till.client();
    let mut status = |method: &str, path: &str| client.send(method, path, &[], b"").unwrap();
    for path in ["/", "/pos", "/pos/sales", "/hooks/", "/hooks/a/b", "/hooks/%ff"] {
        assert_eq!(status("POST", path).status, 404, "{path}");
    }
    for (method, path) in [
        ("GET", "/pos/sale"),
        ("PUT", "/pos/refund"),
        ("DELETE", "/hooks/square"),
    ] {
        let reply = status(method, path);
        assert_eq!(reply.status, 405, "{method} {path}");
        assert!(reply.head.contains("allow: post"), "{reply:?}");
    }
}

#[test]
fn a_busy_machine_is_said_and_then_works() {
    let till = till();
    let other = rusqlite::Connection::open(ledger::file(till.store.dir())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let body = sale("A-1", "6195550123", "12.50");
    let error = till.refused("/pos/sale", &body, 503, "busy");
    assert_eq!(error["message"], ledger::StorageCode::Busy.sentence());
    assert!(till.signed("/pos/sale", &body).head.contains("retry-after: "));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(till.ok("/pos/sale", &body)["duplicate"], false);
}

#[test]
fn stopping_finishes_what_was_accepted() {
    let till = till();
    let addr = till.server.addr();
    let body = sale("A-1", "6195550123", "12.50").to_string();
    let signed = standard::sign(&[secret(1)], "msg_1", till.store.now(), body.as_bytes());
    let mut head = format!(
        "POST /pos/sale HTTP/1.1\r\nhost: till\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers(&signed) {
        head += &format!("{name}: {value}\r\n");
    }
    let (mut client, mut idle) = (till.client(), till.client());
    client.write(format!("{head}\r\n").as_bytes()).unwrap();
    client.wait_for_continue().unwrap();
    let store = till.store.clone();
    std::thread::scope(|scope| {
        let stopping = scope.spawn(move || till.stop());
        assert!(idle.is_closed());
        client.write(body.as_bytes()).unwrap();
        assert_eq!(client.reply().unwrap().json["points"], 12);
        assert!(client.is_closed());
        stopping.join().unwrap();
    });
    assert!(Client::connect(addr).is_err());
    assert_eq!(store.stats().unwrap().members, 1);
}

#[test]
fn only_this_machine_unless_told() {
    let till = till();
    let start = |listen: &str, allow_network| {
        let config = Config {
            listen: listen.parse().unwrap(),
            allow_network,
            ..Config::new([secret(1)])
        };
        Intake::start(till.store.clone(), config)
    };
    for listen in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "[::ffff:192.0.2.1]:0"] {
        assert!(matches!(start(listen, false), Err(StartError::Network(_))), "{listen}");
    }
    let open = start("0.0.0.0:0", true).unwrap();
    assert_ne!(open.addr().port(), 0);
    let taken = till.server.addr().to_string();
    assert!(matches!(start(&taken, false), Err(StartError::Listen { .. })));
}
