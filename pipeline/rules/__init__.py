"""Pure functions over values: no clock, no port, no environment. Every verdict carries its reasons."""
