"""What a request leaves behind: log lines, metrics, traces, error reports."""
