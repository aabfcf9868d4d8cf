/* SPDX-License-Identifier: Apache-2.0
 * A printer with true responses, and an attacker that sends forgeries of one class before each true
 * answer, over real sockets: shared by the test that none is believed and by its positive control,
 * where the checks are off. One world, one version, one class at a time. */
#ifndef PLATEN_TESTS_HOSTILE_FORGER_H
#define PLATEN_TESTS_HOSTILE_FORGER_H

#include "engine/snmp/snmp_client.h"
#include "engine/snmp/usm.h"
#include "tests/hostile/agent.h"

#include <uv.h>

enum {
	FORGER_BURST = 50, /* forgeries before one true answer */
	FORGER_TRUTH = 7,  /* the value that the printer has ... */
	FORGER_LIE = 666   /* ... and what every forgery says */
};

/* One forgery in the making: begins as what the true answer would be, with the lie in it. */
struct forged {
	struct agent_request request; /* ids, version, community, user, flags to answer with */
	struct agent_engine engine;
	uint8_t pdu;
	const uint8_t *list;
	size_t list_len;
	bool is_sealed; /* with the engine's keys, as they are then */
	int fd;         /* who sends */
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
	int sender_fd;       /* sends all forgeries, whatever their class says; -1: as it says */
	size_t wanted, sent; /* forgeries */
	size_t truths, lies; /* what was believed */
	size_t failures;     /* questions that ended with an error */
	uint8_t earlier[AGENT_BYTES]; /* a true answer to an earlier question */
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
