// The owner window's start: styles, the language, the backend, then the first component.
import { mountWindow } from "../shared/mount";
import App from "./App.svelte";
import "./owner.css";

void mountWindow(App);
