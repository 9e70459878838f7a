"""The pages of the console, a module for each thing that staff work on."""
