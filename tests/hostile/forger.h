/* SPDX-License-Identifier: Apache-2.0
 * A printer with correct responses, and an attacker that sends forgeries of one class before each
 * correct response, over real sockets: shared by the test that none is accepted and by its positive
 * control, where the checks are off. One version and one class at a time. */
#ifndef PLATEN_TESTS_HOSTILE_FORGER_H
#define PLATEN_TESTS_HOSTILE_FORGER_H

#include "engine/snmp/snmp_client.h"
#include "engine/snmp/usm.h"
#include "tests/hostile/agent.h"

#include <uv.h>

enum {
	FORGER_BURST = 50, /* forgeries before one correct response */
	FORGER_TRUTH = 7,  /* the value that the printer has ... */
	FORGER_LIE = 666   /* ... and what every forgery says */
};

/* One forgery under construction: the correct response with the false value in it. */
struct forged {
	struct agent_request request; /* ids, version, community, user, flags of the forgery */
	struct agent_engine engine;
	uint8_t pdu;
	const uint8_t *list;
	size_t list_len;
	bool is_signed; /* with the keys in `engine` */
	int fd;         /* the socket that sends it */
};

struct forger {
	struct loop *loop;
	struct snmp_client *client;
	struct recording recording;
	struct snmp_peer peer;
	struct usm_user user;
	struct usm_peer usm;
	struct agent_engine engine;
	int printer_fd;    /* the printer's own address and port */
	int other_port_fd; /* the printer's address, another port */
	int other_host_fd; /* another address, the printer's port */
	uv_poll_t poll;
	const struct forgery *forgery;
	int sender_fd;                /* sends all forgeries; -1: the socket of their class */
	size_t wanted, sent;          /* forgeries */
	size_t truths, lies;          /* values that the client accepted */
	size_t failures;              /* requests that ended with an error */
	uint8_t earlier[AGENT_BYTES]; /* the correct response to an earlier request */
	size_t earlier_len;
};

struct forgery {
	const char *name;
	unsigned versions; /* bit v: makes sense for enum snmp_version v */
	size_t counter;    /* offset of what it raises in struct snmp_client_counters */
	void (*make)(struct forged *f, const struct forger *h, size_t number);
};

extern const struct forgery forgeries[];
extern const size_t forgery_count;

void forger_open(struct forger *h, enum snmp_version version);
void forger_close(struct forger *h);

/* As after a restart of the agent: another client, and of the printer only what the device store
 * keeps. */
void forger_restart(struct forger *h);

/* Sends requests until `count` forgeries of this class were sent; with 0, one request. */
void forger_run(struct forger *h, const struct forgery *forgery, size_t count);

uint64_t forger_counter(const struct forger *h, const struct forgery *forgery);

#endif
