use system_tests::browser::Window;
use system_tests::desk::Desk;
#[tokio::test]
async fn smoke() {
    let desk = Desk::new();
    let dir = tempfile::tempdir().unwrap();
    let w = Window::open(&desk, dir.path()).await;
    println!("{:?}", w.client.windows().await);
    println!("{}", w.client.source().await.unwrap());
    println!("{}", w.invoke("startup", serde_json::json!({})).await);
    w.picture("smoke").await;
    w.close().await;
}
