/* SPDX-License-Identifier: Apache-2.0
 * A scan's parts: scan_run.c (life, stage 1), scan_identify.c (stage 2), scan_port_probe.c (TCP),
 * scan_text.c (results in words). Only for them. */
#ifndef PLATEN_FLEET_SCAN_INTERNAL_H
#define PLATEN_FLEET_SCAN_INTERNAL_H

#include "proto/base/due.h"
#include "proto/base/limits.h"
#include "engine/fleet/scan.h"
#include "engine/fleet/scan_probe.h"
#include "engine/fleet/poll.h"
#include "engine/loop/conn.h"
#include "engine/loop/udp.h"

/* State of a record; a queue holds it in SCAN_READY and SCAN_AWAITS_PORT_PROBE. */
enum scan_stage {
	SCAN_PROBING,           /* it answered without a credential: more probes may follow */
	SCAN_READY,             /* to be asked who it is */
	SCAN_POLLED,            /* it is being asked */
	SCAN_AWAITS_PORT_PROBE, /* its TCP ports are to be tried */
	SCAN_PORT_PROBED,       /* they are being tried */
	SCAN_CLASSIFIED         /* final */
};

enum {
	SCAN_PASSES = (1 + 2 * LIMIT_SCAN_TRIES) * LIMIT_SCAN_ROUNDS + LIMIT_SCAN_TRIES,
	SCAN_SEGMENTS = 64, /* of a pass, each with the time when it ended */
	SCAN_TICK_MS = 5
};

/* One probe on its way to the kernel. */
struct scan_slot {
	struct udp_send send;
	struct sockaddr_in6 to;
	uint8_t bytes[SCAN_PROBE_BYTES];
};

/* One device being identified. */
struct scan_poll {
	struct scan *scan;
	struct scan_found *found; /* NULL: free */
	struct device device;
	struct usm_peer usm;
	uint8_t credential; /* index of the one that is shown */
	bool has_usm;
};

/* One TCP connection being tried. */
struct scan_port_probe {
	struct scan *scan;
	struct scan_found *found; /* NULL: an address that is silent to SNMP, or free */
	struct conn *conn;        /* NULL: free */
	uint32_t number;          /* of that address */
	bool is_open;
};

struct scan_queue {
	uint32_t first, last; /* 1 + index of a record; 0: empty */
};

struct scan {
	struct loop *loop;
	struct snmp_client *client;
	struct scan_options options;
	struct scan_events events;
	void *owner;
	struct sip_key key;
	struct scan_order order;
	struct scan_table table;
	uint8_t *marks; /* enum scan_mark of each address */
	struct due tick;

	struct udp *udp;
	struct scan_slot *slots; /* LIMIT_SCAN_QUEUE */
	size_t slot;             /* used next */
	struct scan_pass passes[SCAN_PASSES];
	unsigned pass, pass_count;
	unsigned heard_from, heard_to; /* passes only for who answered, but to no community */
	uint32_t at;
	uint64_t segment_ms[SCAN_SEGMENTS];
	struct scan_rate rate;
	uint64_t began_ms, ticked_ms, last_sent_ms, ended_ms;
	bool is_held;   /* by the gap between two probes of one address */
	bool is_probed; /* stage 1 has sent everything and waited */
	bool is_stopping, is_over;

	struct poll_context *poll_context;
	struct scan_poll polls[LIMIT_SCAN_POLLS];
	struct scan_queue ready;
	size_t polling;
	struct scan_port_probe port_probes[LIMIT_SCAN_PORT_PROBES];
	struct scan_queue to_port_probe;
	size_t port_probing;
	uint32_t silent_at;    /* how many addresses were looked at for scan_port_probe_silent */
	bool is_silent_probed; /* the silent ones are tried, too */

	struct scan_counts counts;
};

int scan_stored_credential(const struct scan *s, const struct sockaddr *sa);
bool scan_credential_fits(const struct scan_credential *c, const struct sockaddr *sa);

void scan_queue_push(struct scan *s, struct scan_queue *q, struct scan_found *f);
struct scan_found *scan_queue_pop(struct scan *s, struct scan_queue *q);

/* ---- scan_identify.c ---- */
int scan_identify_open(struct scan *s) MUST_USE;
void scan_identify_close(struct scan *s);
/* It answered something: what now? */
void scan_identify_responded(struct scan *s, struct scan_found *f);
/* Stage 1 is over: records that still wait for a credential are classified without one. */
void scan_identify_rest(struct scan *s);
/* As many polls as there is room for. */
void scan_identify_work(struct scan *s);
void scan_identify_stop(struct scan *s);
/* It takes TCP connections and does not answer to SNMP. */
void scan_identify_ports_only(struct scan *s, uint32_t number);
/* TCP has been tried. */
void scan_identify_ports_probed(struct scan *s, struct scan_found *f);

/* ---- scan_port_probe.c ---- */
/* SNMP probes are over: the addresses that are silent to them may print all the same. */
void scan_port_probe_silent(struct scan *s);
void scan_port_probe_work(struct scan *s);
/* Nothing is waiting to be tried or being tried. */
bool scan_port_probe_is_idle(const struct scan *s);
void scan_port_probe_stop(struct scan *s);

#endif
