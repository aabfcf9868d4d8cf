/* SPDX-License-Identifier: Apache-2.0
 * libnetsnmp's side of a slot: a session (snmp_sess_*) over a transport of ours, since all sessions
 * share a few UDP sockets (udp.h). The library encodes each request in the build hook and decodes
 * each response in the parse hook, matches the two and calls back; a deadline reaches it through
 * snmp_sess_timeout. The security model is ours (usm.h) and runs in the hooks.
 *
 * Nothing is sent and no owner is called from inside a hook or callback: the calls below return
 * first, so that an owner may close the client. */
#include "engine/snmp/client_internal.h"
#include "engine/snmp/library.h"
#include "engine/snmp/usm_internal.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmp_transport.h>

struct snmp_library {
	netsnmp_large_fd_set fds;
	struct snmp_decoded decoded;
	uint8_t plain[LIMIT_DATAGRAM]; /* a decrypted scopedPDU */
};

/* The number under which libnetsnmp finds a datagram readable. It never touches it: all I/O is in
 * our transport. */
enum { NOMINAL_FD = 0 };

/* The library's own deadline of each request: a second before the request was sent, so that
 * snmp_sess_timeout ends it at any time, also while the clock stands still. */
enum { LIBRARY_TIMEOUT_US = -1000000 };

enum { LEVEL = SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV };

/* One call of the library, which hands it to the hooks and callbacks as its session's magic. */
struct call {
	struct slot *slot;
	/* out */
	const struct snmp_request *request; /* NULL: the probe */
	const struct usm_about *about;      /* NULL: a community */
	bool is_check;
	int err;
	/* in */
	uint8_t *bytes;
	size_t len;
	struct snmp_received *received;
};

/* ---- out -------------------------------------------------------------------------------- */

static int encode(const struct call *c, const netsnmp_pdu *pdu, uint8_t *dst, size_t cap)
{
	const struct snmp_peer *peer = c->slot->peer;
	if (c->about == NULL)
		return snmp_message_encode(dst, cap, (uint8_t)pdu->version, peer->community,
			peer->community_len, (uint32_t)pdu->reqid, c->request, c->slot->name_at);
	if (c->request == NULL)
		return snmp_probe_encode(dst, cap, (uint32_t)pdu->msgid, (uint32_t)pdu->reqid);
	return usm_write(peer->usm, dst, cap, c->about, c->request);
}

/* The names are not the pdu's variables but the request's: eight variables without a value are 9 kB
 * for each request in flight. */
static int on_build(
	netsnmp_session *session, netsnmp_pdu *pdu, u_char **bytes, size_t *cap, size_t *len)
{
	struct call *c = session->callback_magic;
	int n = encode(c, pdu, *bytes, *cap);
	if (n == ERR_LIMIT && *cap < LIMIT_REQUEST_BYTES) {
		u_char *grown = realloc(*bytes, LIMIT_REQUEST_BYTES);
		*cap = grown != NULL ? LIMIT_REQUEST_BYTES : *cap;
		*bytes = grown != NULL ? grown : *bytes;
		n = grown != NULL ? encode(c, pdu, *bytes, *cap) : -ENOMEM;
	}
	*len = n < 0 ? 0 : (size_t)n;
	c->err = n < 0 ? n : 0;
	session->s_snmp_errno = n < 0 ? SNMPERR_TOO_LONG : SNMPERR_SUCCESS;
	return n < 0 ? -1 : 0;
}

static int on_send(netsnmp_transport *t, const void *bytes, int len, void **opaque, int *opaque_len)
{
	struct slot *slot = t->data;
	const struct call *c = snmp_sess_session(slot->session)->callback_magic;
	(void)opaque;
	(void)opaque_len;
	int err = c->is_check ? snmp_client_queue_check(slot, bytes, (size_t)len)
			      : snmp_client_queue_request(slot, bytes, (size_t)len);
	return err < 0 ? -1 : len;
}

/* By snmpv3_verify_msg the library compares these of request and response. */
static bool set_security(netsnmp_pdu *pdu, uint8_t level, const struct usm_peer *p)
{
	pdu->version = SNMP_VERSION_3;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	pdu->securityLevel = (level & SNMP3_FLAG_PRIV) != 0   ? SNMP_SEC_LEVEL_AUTHPRIV
			     : (level & SNMP3_FLAG_AUTH) != 0 ? SNMP_SEC_LEVEL_AUTHNOPRIV
							      : SNMP_SEC_LEVEL_NOAUTH;
	pdu->securityEngineID = netsnmp_memdup(p->engine.id, p->engine.id_len);
	pdu->securityEngineIDLen = p->engine.id_len;
	pdu->securityName = netsnmp_memdup(p->user->name, p->user->name_len);
	pdu->securityNameLen = p->user->name_len;
	return pdu->securityName != NULL &&
	       (p->engine.id_len == 0 || pdu->securityEngineID != NULL);
}

static bool set_context(netsnmp_pdu *pdu, const struct usm_peer *p, bool has_no_context)
{
	size_t len = has_no_context ? 0 : p->context_len;
	pdu->contextEngineID = netsnmp_memdup(p->engine.id, p->engine.id_len);
	pdu->contextEngineIDLen = p->engine.id_len;
	pdu->contextName = len > 0 ? netsnmp_memdup(p->context, len) : NULL;
	pdu->contextNameLen = len;
	return (p->engine.id_len == 0 || pdu->contextEngineID != NULL) &&
	       (len == 0 || pdu->contextName != NULL);
}

static netsnmp_pdu *make_pdu(const struct slot *slot, const struct call *c)
{
	netsnmp_pdu *pdu = snmp_pdu_create(c->request != NULL ? c->request->pdu : SNMP_MSG_GET);
	const struct usm_about *about = c->about;
	if (pdu == NULL)
		return NULL;
	pdu->version = slot->version;
	pdu->reqid = slot->request_id;
	if (about == NULL)
		return pdu;
	pdu->reqid = about->request_id;
	pdu->msgid = about->msg_id;
	uint8_t level = slot->level & (about->is_plain ? (uint8_t)~SNMP3_FLAG_PRIV : LEVEL);
	if (set_security(pdu, level, slot->peer->usm) &&
		set_context(pdu, slot->peer->usm, about->has_no_context))
		return pdu;
	snmp_free_pdu(pdu);
	return NULL;
}

/* ---- in --------------------------------------------------------------------------------- */

static int on_receive(netsnmp_transport *t, void *bytes, int cap, void **opaque, int *opaque_len)
{
	const struct slot *slot = t->data;
	const struct call *c = snmp_sess_session(slot->session)->callback_magic;
	*opaque = NULL;
	*opaque_len = 0;
	if (c->len > (size_t)cap)
		return -1;
	memcpy(bytes, c->bytes, c->len);
	return (int)c->len;
}

/* The security model, then the scopedPDU by the library. */
static void decode_v3(struct call *c, netsnmp_pdu *pdu, u_char *packet)
{
	struct snmp_incoming *in = &c->received->in;
	struct usm_peer *p = c->slot->peer->usm;
	struct usm_message *m = &in->usm;
	struct snmp_library *library = c->slot->client->library;
	in->err = usm_message_parse(m, c->bytes, c->len);
	if (in->err < 0) {
		/* Another security model is another version of SNMPv3. */
		in->err = in->err == ERR_TYPE ? ERR_VERSION : in->err;
		return;
	}
	in->version = SNMP_V3;
	if (c->slot->waiting == SNMP_WAITS_FOR_ENGINE) {
		in->err = usm_probed_parse(m, c->bytes, c->len);
		in->is_probed = in->err == 0;
		return;
	}
	bool is_private = (m->flags & SNMP3_FLAG_PRIV) != 0;
	uint8_t *data = is_private ? library->plain : packet + (m->data - c->bytes);
	in->is_authentic = (m->flags & SNMP3_FLAG_AUTH) != 0 &&
			   c->slot->waiting == SNMP_WAITS_FOR_RESPONSE &&
			   usm_verify(p, m, c->bytes, c->len) == 0;
	in->is_decrypted = is_private && in->is_authentic && usm_decrypt(p, m, library->plain) >= 0;
	if (((m->flags & SNMP3_FLAG_AUTH) != 0 && !in->is_authentic) ||
		(is_private && !in->is_decrypted))
		return;
	/* A few agents pad whatever the cipher. */
	in->err = snmp_decode_scoped(in, pdu, &library->decoded, data, m->data_len,
		is_private ? 0 : c->bytes - packet, is_private ? 2 * SNMP3_PADDING : 0);
}

static int on_parse(netsnmp_session *session, netsnmp_pdu *pdu, u_char *packet, size_t len)
{
	struct call *c = session->callback_magic;
	struct snmp_received *r = c->received;
	if (c->slot->version == SNMP_V3)
		decode_v3(c, pdu, packet);
	else
		r->in.err = snmp_decode_community(&r->in, pdu, &c->slot->client->library->decoded,
			packet, len, c->bytes - packet);
	struct snmp_expected e = snmp_client_expected(c->slot, &r->in);
	r->reason = snmp_accept(&e, &r->in);
	if (r->reason != SNMP_ACCEPTED)
		return -1;
	if (c->slot->version == SNMP_V3) {
		pdu->msgid = r->in.usm.msg_id;
		if (!set_security(pdu, r->in.usm.flags & LEVEL, c->slot->peer->usm))
			return -1;
	}
	return 0;
}

/* The library has matched a response to its request, or let the request time out. */
static int on_request_end(
	int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct slot *slot = magic;
	struct call *c = session->callback_magic;
	(void)reqid;
	(void)pdu;
	if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) {
		c->received->is_matched = true;
		slot->open_requests--;
	} else if (op == NETSNMP_CALLBACK_OP_TIMED_OUT) {
		slot->open_requests--;
	}
	return 1;
}

/* ---- calls ------------------------------------------------------------------------------ */

int snmp_session_send(struct slot *slot, const struct snmp_request *q,
	const struct usm_about *about, bool is_check)
{
	struct call c = {.slot = slot, .request = q, .about = about, .is_check = is_check};
	if (slot->open_requests == UINT8_MAX)
		return ERR_FULL;
	netsnmp_pdu *pdu = make_pdu(slot, &c);
	if (pdu == NULL)
		return -ENOMEM;
	netsnmp_session *session = snmp_sess_session(slot->session);
	session->callback_magic = &c;
	int id = snmp_sess_async_send(slot->session, pdu, on_request_end, slot);
	session->callback_magic = NULL;
	if (id == 0) {
		snmp_free_pdu(pdu);
		return c.err < 0 ? c.err : ERR_SNMP_SEND;
	}
	slot->open_requests++;
	return 0;
}

void snmp_session_receive(
	struct slot *slot, const uint8_t *bytes, size_t len, struct snmp_received *ret)
{
	struct call c = {.slot = slot,
		.bytes = (uint8_t *)(uintptr_t)bytes, /* only read */
		.len = len,
		.received = ret};
	netsnmp_session *session = snmp_sess_session(slot->session);
	netsnmp_large_fd_set *fds = &slot->client->library->fds;
	session->callback_magic = &c;
	NETSNMP_LARGE_FD_SET(NOMINAL_FD, fds);     /* the library clears it after each datagram */
	(void)snmp_sess_read2(slot->session, fds); /* what failed is in ret->reason */
	session->callback_magic = NULL;
	if (ret->reason == SNMP_ACCEPTED && !ret->is_matched)
		ret->reason = SNMP_OTHER_ID;
}

void snmp_session_expire(struct slot *slot)
{
	struct call c = {.slot = slot};
	if (slot->open_requests == 0)
		return;
	snmp_sess_session(slot->session)->callback_magic = &c;
	snmp_sess_timeout(slot->session); /* one that it keeps ends with the slot's next request */
	snmp_sess_session(slot->session)->callback_magic = NULL;
}

/* ---- life ------------------------------------------------------------------------------- */

static int on_close(netsnmp_transport *t)
{
	t->data = NULL; /* the slot is not the library's to free */
	return 0;
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
	t->f_send = on_send;
	t->f_recv = on_receive;
	t->f_close = on_close;
	return t;
}

int snmp_session_open(struct slot *slot)
{
	netsnmp_session session;
	snmp_sess_init(&session);
	session.version = SNMP_DEFAULT_VERSION; /* each PDU says its own */
	session.retries = 0;
	session.timeout = LIBRARY_TIMEOUT_US;
	session.callback = NULL; /* what matches no request of the slot ends there */
	session.callback_magic = NULL;
	netsnmp_transport *t = make_transport(slot);
	if (t == NULL)
		return -ENOMEM;
	slot->session =
		snmp_sess_add_ex(&session, t, NULL, on_parse, NULL, NULL, on_build, NULL, NULL);
	if (slot->session == NULL)
		return -ENOMEM;
	/* Its own probe of an engine would block. */
	snmp_sess_session(slot->session)->flags |= SNMP_FLAGS_DONT_PROBE;
	return 0;
}

void snmp_session_close(struct slot *slot)
{
	(void)snmp_sess_close(slot->session); /* 1: it was open */
}

enum { LIBRARY_LOG_ALL = 7 }; /* LOG_DEBUG of syslog.h */

/* Once a process: the settings are the library's globals. */
static void quiet_library(void)
{
	static bool is_quiet;
	if (is_quiet)
		return;
	is_quiet = true;
	/* No MIB files, no configuration files, no state of other people's directories. */
	(void)setenv("MIBS", "", 1);
	(void)setenv("MIBDIRS", "/nonexistent", 1);
	static const int switches[] = {NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES};
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		(void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, switches[i], 1);
	/* Without any handler the library would write to stderr what a datagram made it say. */
	snmp_disable_log();
	(void)netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LIBRARY_LOG_ALL);
	/* For each datagram the library allocates 64 KiB, at which malloc would empty all its fast
	 * bins: a tenth of a poll's CPU. Its thread caches stay. */
	(void)mallopt(M_MXFAST, 0);
}

/* The library does not check what it allocates before its first session, and crashes without
 * memory: now, and not at the first poll, after a trial. */
static int start_library(void)
{
	enum { NEEDED = 65536 };
	netsnmp_session unused;
	void *volatile trial = malloc(NEEDED); /* so that it is not optimised away */
	if (trial == NULL)
		return -ENOMEM;
	free(trial);
	quiet_library();
	snmp_sess_init(&unused);
	return 0;
}

int snmp_library_open(struct snmp_client *s)
{
	int err = start_library();
	if (err < 0)
		return err;
	s->library = calloc(1, sizeof *s->library);
	if (s->library == NULL)
		return -ENOMEM;
	/* Made once: setting it up clears it bit by bit. */
	netsnmp_large_fd_set_init(&s->library->fds, FD_SETSIZE);
	return 0;
}

void snmp_library_close(struct snmp_client *s)
{
	if (s->library == NULL)
		return;
	netsnmp_large_fd_set_cleanup(&s->library->fds);
	free(s->library);
	s->library = NULL;
}
