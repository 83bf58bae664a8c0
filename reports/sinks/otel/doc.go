// Package otel turns a stored run into OpenTelemetry traces and sends them over OTLP/HTTP. It is for those who already have
// a collector; no verdict ever depends on it. It imports nothing of this module outside of reports.
package otel
