"""What only an emulator has: its journal, the way into its tiers, its state, and who may ask."""
