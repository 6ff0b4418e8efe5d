"""The station at a home's MQTT broker: states out, Home Assistant's discovery, commands in by the local API's door."""
