/**
 * libs/metrics owns the names of what a process counts and measures, and the text Prometheus reads. One `Metrics` per process part, made by
 * libs/http and injected; nothing is global. It does no I/O: numbers that live in a database are read by collectors when somebody scrapes.
 * No label may carry an id, an address or anything a client sent: the values of every label are ours and few.
 */
export { METRICS, type MetricDefinition, type MetricName } from './catalogue.js';
export { EXPOSITION_TYPE, type LabelsOf, Metrics } from './metrics.js';
export { observeProcess } from './observe-process.js';
export { readSamples, type Sample } from './read-samples.js';
