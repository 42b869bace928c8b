use system_tests::browser::key;
use system_tests::desk::Desk;
#[tokio::test]
async fn debug() {
    let desk = Desk::new();
    let dir = crate::shop::demo();
    let w = crate::shop::at_the_counter(&desk, dir.path(), crate::shop::CASHIER).await;
    w.run("window.__errs=[]; window.addEventListener('error', e=>window.__errs.push(String(e.message)+' '+(e.error&&e.error.stack))); window.addEventListener('unhandledrejection', e=>window.__errs.push('rej '+String(e.reason)+' '+(e.reason&&e.reason.stack))); const oe=console.error; console.error=(...a)=>{window.__errs.push('ce '+a.join(' ')); oe(...a)}", vec![]).await;
    w.keys("6195559177").await;
    for _ in 0..3 {
    println!("{} {}", w.run("return [document.querySelector('[data-testid=search]').value, document.activeElement.outerHTML.slice(0,200), document.visibilityState, document.hasFocus()]", vec![]).await, w.run("return window.__errs", vec![]).await);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    println!("{}", w.run("return document.body.innerText", vec![]).await);
    println!("{}", w.invoke("search", serde_json::json!({"query":"6195559177"})).await);
    w.keys(&key::ENTER.to_string()).await;
    w.keys(&key::ENTER.to_string()).await;
    w.see("member-card").await;
    crate::shop::credit(&w, "40").await;
    for _ in 0..3 {
    println!("{} {}", w.text("balance").await, w.run("return window.__errs", vec![]).await);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    w.picture("debug").await;
    w.close().await;
}
