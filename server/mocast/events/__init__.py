"""Where rooms' events go by other protocols: webhooks and MQTT, to targets that the operator names."""
