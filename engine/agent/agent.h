/* SPDX-License-Identifier: Apache-2.0
 * The device agent as its verbs see it: the daemon, one cycle, one printer. Each call makes its own
 * loop and everything on it, runs it to the end and takes it down again. */
#ifndef PLATEN_AGENT_AGENT_H
#define PLATEN_AGENT_AGENT_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* What `platen once` says at its end. */
struct agent_summary {
	uint64_t printers; /* in the roster */
	uint64_t over_limit;
	uint64_t complete, partial, silent;
	uint64_t kept;      /* records on disk in this cycle */
	uint64_t unchanged; /* readings that brought nothing new */
	uint64_t lost;
	uint64_t cycle_ms; /* from the first question to the last record on disk */
	uint64_t sync_ms;  /* from then to the last receipt */
	int sync_err;      /* 0: everything was receipted, or no hub is configured */
	char sync_why[LIMIT_WHY];
	uint64_t sent; /* records receipted */
	uint64_t batches;
	uint64_t batch_bytes; /* of request bodies */
	uint64_t requests, resent, timeouts, strays;
	uint64_t budget_bytes;                        /* computed at start */
	uint64_t peak_bytes;                          /* peak RSS */
	uint64_t lag_ms;                              /* the longest time the loop was held up */
	uint64_t lag_p50_ms, lag_p99_ms, lag_p999_ms; /* of its turns */
	uint64_t slow_turns;                          /* of more than 50 ms */
	uint64_t fell_silent;                         /* printers that did, on a question */
	uint64_t careful;                             /* printers that are asked with care */
	uint64_t drops, halved; /* datagrams without room; times that the window was halved */
	uint64_t probes;        /* questions for an engineID */
};

/* Until SIGTERM or SIGINT; the JSON ready line goes to ready_fd if that is not negative. 0 after an
 * orderly stop. Errors were logged. */
int agent_run(const struct agent_conf *conf, int ready_fd) MUST_USE;

/* Every printer once, everything kept, everything sent. 0, also if printers were silent or the hub
 * could not be reached (*ret says so); an error only if the cycle could not be made at all. */
int agent_once(const struct agent_conf *conf, struct agent_summary *ret) MUST_USE;

struct agent_poll_options {
	const char *host; /* a name or an address */
	uint16_t port;
	uint8_t version; /* enum snmp_version */
	const char *community;
	/* NULL: the community above. Of SNMPv3 always there. */
	const struct conf_credential *credential;
	const struct agent_conf *conf; /* whose access rules hold; NULL: none do */
	uint64_t timeout_ms;
	unsigned tries;
	bool is_json;
	bool is_told;     /* version, community or credential were chosen, not left to us */
	bool is_trace;    /* each question on stderr */
	uint8_t ipp_mode; /* enum ipp_mode; record takes no notice of what is of IPP */
	uint16_t ipp_port;
	const char *ipp_path; /* NULL: the usual ones */
	bool is_ipps;         /* by TLS from the start */
	const char *models;   /* a folder of model files; NULL: none but the built-in ones */
};

/* Tries how the printer can be asked by SNMP and tells each step on stdout. 0: it works; or the
 * error that tells most about why not. What o->is_told leaves open is tried: the credentials of
 * o->conf, or the community. */
int agent_snmp_test(const struct agent_poll_options *o) MUST_USE;

/* Reads one printer, by SNMP, IPP or both, and prints the reading on stdout. 0; ERR_NAME,
 * ERR_SNMP_TIMEOUT ... after one line on stderr. A partial reading is printed and is 0. */
int agent_poll(const struct agent_poll_options *o) MUST_USE;

struct agent_read_options {
	const char *recording;
	const char *context; /* what it answers in another SNMP context; or NULL */
	const char *models;  /* a folder of model files; or NULL */
	bool is_json;
};

/* Reads a recording of a printer, with the code that reads live ones, and prints the reading on
 * stdout. 0, or an error after one line on stderr that names the file. */
int agent_read(const struct agent_read_options *o) MUST_USE;

/* Records one printer as a .snmprec file at `path`, which must not exist ("-": stdout). Words that
 * people typed are made unreadable, and the serial number too if hides_serial. *ret_rows varbinds
 * were written. 0, or an error after one line on stderr; a file that was begun is removed. */
int agent_record(const struct agent_poll_options *o, const char *path, bool hides_serial,
	size_t *ret_rows) MUST_USE;

#endif
