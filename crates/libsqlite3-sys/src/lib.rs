//! One SQLite for everybody: re-exports the newer bindings under the version sqlx asks for. Nothing else lives here.
pub use real::*;
