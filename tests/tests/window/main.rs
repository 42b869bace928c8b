//! The main job, done in the real window on a real file: each file is one part of a day.

mod smoke;
