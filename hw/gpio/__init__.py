"""Lines of the board's GPIO chips: contactor, lock, sensors and lamps on any Linux board, through gpiozero."""
