#!/bin/sh
# Gives the hub its password at each start; those of devices, added with mosquitto_passwd, stay.
set -eu
umask 077
passwords=/mosquitto/data/passwords
touch "$passwords"
mosquitto_passwd -b "$passwords" telehub "$MQTT_PASSWORD"
# A copy of its own: Mosquitto does not trust a list of rights that others may read or own.
cp /mosquitto/config/acl /tmp/acl
exec mosquitto -c /mosquitto/config/mosquitto.conf
