import { mount } from 'svelte';
import App from './app/App.svelte';
import { applyTheme } from './app/theme.svelte';
import './ui/ui.css';

applyTheme();
const place = document.getElementById('app');
if (!place) throw new Error('the page has no place for the client');
mount(App, { target: place });
