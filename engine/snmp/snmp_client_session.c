/* SPDX-License-Identifier: Apache-2.0
 * libnetsnmp's side of a slot: a session with a transport of ours that only queues and hands over,
 * and build and parse hooks that use proto/smi/snmpmsg. The library keeps the book of requests;
 * every question, answered or not, goes through it to the end. */
#include "engine/snmp/snmp_client_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmp_transport.h>

struct snmp_client_library {
	netsnmp_large_fd_set fds;
};

/* The number under which libnetsnmp believes the datagram readable. It never touches it: all I/O is
 * in our transport. */
enum { NOMINAL_FD = 0 };

static int on_build(
	netsnmp_session *session, netsnmp_pdu *pdu, u_char **bytes, size_t *cap, size_t *len)
{
	struct slot *slot = session->callback_magic;
	(void)pdu;
	(void)bytes; /* the library's own buffer stays unused: the request lives in the slot */
	(void)cap;
	int n = slot->version == SNMP_V3 ? snmp_client_v3_begin(slot) : snmp_client_encode(slot);
	if (n < 0) {
		slot->failure = n;
		session->s_snmp_errno = SNMPERR_TOO_LONG;
		return -1;
	}
	*len = slot->request_len;
	return 0;
}

static int on_transport_send(
	netsnmp_transport *t, const void *bytes, int len, void **opaque, int *opaque_len)
{
	(void)bytes;
	(void)opaque;
	(void)opaque_len;
	return snmp_client_queue_request(t->data) < 0 ? -1 : len;
}

/* The datagram is parsed where it lies (on_parse), so there is nothing to copy: only that one is
 * there has to be said. */
static int on_transport_recv(
	netsnmp_transport *t, void *bytes, int cap, void **opaque, int *opaque_len)
{
	(void)t;
	(void)bytes;
	(void)cap;
	*opaque = NULL;
	*opaque_len = 0;
	return 1;
}

static int on_transport_close(netsnmp_transport *t)
{
	t->data = NULL; /* the slot is not the library's to free */
	return 0;
}

/* The envelope of SNMPv3 is ours from both sides: the library's book has its questions as v2c. */
static long book_version(const struct slot *slot)
{
	return slot->version == SNMP_V3 ? SNMP_VERSION_2c : slot->version;
}

static int on_parse(netsnmp_session *session, netsnmp_pdu *pdu, u_char *bytes, size_t len)
{
	struct slot *slot = session->callback_magic;
	struct snmp_client *s = slot->client;
	(void)bytes;
	(void)len;
	uint64_t *cause = s->ending == 0 ? snmp_client_judge(slot) : NULL;
	if (cause != NULL) {
		++*cause;
		return -1;
	}
	pdu->version = book_version(slot);
	pdu->command = SNMP_MSG_RESPONSE;
	pdu->flags |= UCD_MSG_FLAG_RESPONSE_PDU;
	pdu->reqid = slot->request_id;
	return 0;
}

/* libnetsnmp's word that a request is over. It may come from inside snmp_sess_async_send too; only
 * what end_slot and on_datagram are waiting for is taken. */
static int on_library(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct slot *slot = magic;
	(void)session;
	(void)reqid;
	if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu->command == SNMP_MSG_RESPONSE)
		slot->client->is_answered = true;
	return 1;
}

/* Hands the current datagram, or the current ending, to the library. Is the request over? */
bool snmp_client_session_feed(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	s->is_answered = false;
	NETSNMP_LARGE_FD_SET(NOMINAL_FD, &s->library->fds); /* cleared after each datagram */
	/* Its result only repeats what the hooks have already seen. */
	(void)snmp_sess_read2(slot->session, &s->library->fds);
	return s->is_answered;
}

static netsnmp_transport *make_transport(struct slot *slot)
{
	netsnmp_transport *t = calloc(1, sizeof *t); /* freed by the library */
	if (t == NULL)
		return NULL;
	t->domain = netsnmpUDPDomain;
	t->domain_length = (int)netsnmpUDPDomain_len;
	t->sock = NOMINAL_FD;
	t->flags = NETSNMP_TRANSPORT_FLAG_OPENED;
	t->msgMaxSize = LIMIT_DATAGRAM;
	t->data = slot;
	t->f_send = on_transport_send;
	t->f_recv = on_transport_recv;
	t->f_close = on_transport_close;
	return t;
}

int snmp_client_session_open(struct slot *slot)
{
	netsnmp_session session;
	snmp_sess_init(&session);
	session.version = SNMP_DEFAULT_VERSION; /* each PDU says its own */
	session.retries = 0;
	session.timeout = (long)(slot->client->options.deadline_ms * 1000);
	session.callback = on_library;
	session.callback_magic = slot;
	netsnmp_transport *t = make_transport(slot);
	if (t == NULL)
		return -ENOMEM;
	slot->session =
		snmp_sess_add_ex(&session, t, NULL, on_parse, NULL, NULL, on_build, NULL, NULL);
	return slot->session == NULL ? -ENOMEM : 0;
}

int snmp_client_session_ask(struct slot *slot)
{
	netsnmp_pdu *pdu = snmp_pdu_create(slot->question->pdu);
	if (pdu == NULL)
		return -ENOMEM;
	pdu->version = book_version(slot);
	pdu->reqid = slot->request_id;
	if (snmp_sess_async_send(slot->session, pdu, on_library, slot) == 0) {
		snmp_free_pdu(pdu);
		return slot->failure < 0 ? slot->failure : ERR_SNMP_SEND;
	}
	return 0;
}

static void quiet_library(void)
{
	/* No MIB files, no configuration files, no state of other people's directories. */
	(void)setenv("MIBS", "", 1);
	(void)setenv("MIBDIRS", "/nonexistent", 1);
	static const int switches[] = {NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES};
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		(void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, switches[i], 1);
	snmp_disable_log();
}

int snmp_client_library_open(struct snmp_client *s)
{
	quiet_library();
	s->library = calloc(1, sizeof *s->library);
	if (s->library == NULL)
		return -ENOMEM;
	/* Made once: setting it up clears it bit by bit. */
	netsnmp_large_fd_set_init(&s->library->fds, FD_SETSIZE);
	return 0;
}

void snmp_client_library_close(struct snmp_client *s)
{
	if (s->library == NULL)
		return;
	netsnmp_large_fd_set_cleanup(&s->library->fds);
	free(s->library);
	s->library = NULL;
}

void snmp_client_session_close(struct slot *slot)
{
	(void)snmp_sess_close(slot->session); /* 1: it was open */
}
