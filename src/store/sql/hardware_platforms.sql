-- Canonical table of hardware: one row per name and count.
CREATE SEQUENCE IF NOT EXISTS suitor_hardware_seq;

CREATE TABLE IF NOT EXISTS hardware_platforms (
  hardware_id BIGINT PRIMARY KEY DEFAULT nextval('suitor_hardware_seq'),
  hardware_type VARCHAR,
  device_name VARCHAR NOT NULL,
  device_count BIGINT NOT NULL DEFAULT 1,
  memory_gb DOUBLE,
  metadata JSON,
  created_at TIMESTAMP,
  UNIQUE (device_name, device_count)
);
