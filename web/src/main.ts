import { mount } from 'svelte';
// First, so that the order of the layers is settled before any other style arrives.
import './ui/ui.css';
import App from './app/App.svelte';
import { applyTheme } from './app/theme.svelte';

applyTheme();
const place = document.getElementById('app');
if (!place) throw new Error('the page has no place for the client');
mount(App, { target: place });
