"""Be the application: people, circles, stories, events."""
