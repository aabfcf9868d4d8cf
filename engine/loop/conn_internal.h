/* SPDX-License-Identifier: Apache-2.0
 * Shared by conn.c, conn_dial.c, conn_tls.c, resolve.c, tls.c and listen.c.
 *
 *   conn.c       the life of a conn: states, deadline, reading, writing, the end
 *   conn_dial.c  from a target to a connected socket
 *   conn_tunnel.c through a proxy, between TCP and TLS
 *   conn_tls.c   the custom BIO, the handshake, decrypting and encrypting
 *   tls.c        contexts, sessions for resumption; tls_why.c: errors as sentences
 */
#ifndef PLATEN_LOOP_CONN_INTERNAL_H
#define PLATEN_LOOP_CONN_INTERNAL_H

#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "proto/base/slab.h"
#include "engine/loop/conn.h"
#include "engine/loop/loop_internal.h"
#include "engine/loop/listen.h"

#include <openssl/ssl.h>

#include <string.h>

enum {
	TLS_SLICE_BYTES = 16384,                   /* the largest TLS record */
	WIRE_BUFFER_BYTES = TLS_SLICE_BYTES + 512, /* and what encryption adds */
	SLICES_A_TURN = 16                         /* so that one conn cannot hold up the others */
};

/* ---- what the conns of a loop share; made by the first, freed by the last of its users ---- */
struct net {
	struct loop *loop;
	size_t users;         /* conns, listeners, lookups */
	struct due ready_due; /* always in the heap, so that setting it cannot fail */
	struct list ready;    /* conn.ready: something to do that must not happen in the caller */
	struct slab wire;     /* buffers of WIRE_BUFFER_BYTES */
	struct list starved;  /* conn.starved: waiting for one */
	size_t stashed_bytes;
	struct list lookups; /* lookup.node: waiting for their turn (resolve.c) */
	unsigned lookups_running;
	uint8_t read[LIMIT_READ_BYTES];
	uint8_t plain[TLS_SLICE_BYTES];
};

int net_enter(struct net **ret, struct loop *l) MUST_USE;
void net_leave(struct net *net);

/* ---- handles ---- */
union stream_handle {
	uv_handle_t any;
	uv_stream_t stream;
	uv_tcp_t tcp;
	uv_pipe_t pipe;
};

/* A libuv error. */
static inline int stream_open(union stream_handle *h, struct loop *l, bool is_unix, void *owner)
{
	h->any.data = owner;
	return is_unix ? uv_pipe_init(loop_uv(l), &h->pipe, 0) : uv_tcp_init(loop_uv(l), &h->tcp);
}

/* The path of "unix:/path", or NULL. */
static inline const char *stream_unix_path(const char *address)
{
	return strncmp(address, "unix:", 5) == 0 ? address + 5 : NULL;
}

/* ---- names (resolve.c) ---- */
union address {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

struct lookup;
/* count addresses, or 0 with an error. */
typedef void resolve_on_found(void *owner, int err, const union address *found, unsigned count);
int resolve_start(struct lookup **ret, struct net *net, const char *host, uint16_t port,
	resolve_on_found *on_found, void *owner) MUST_USE;
/* The owner has gone; on_found will not be called. */
void resolve_cancel(struct lookup *lookup);

/* ---- one conn ---- */
enum conn_state {
	CONN_RESOLVING,  /* the resolver's response */
	CONN_CONNECTING, /* TCP, one address after the other */
	CONN_TUNNEL,     /* the proxy's response to CONNECT */
	CONN_HANDSHAKE,  /* the TLS handshake */
	CONN_OPEN,       /* whatever comes */
	CONN_CLOSING,    /* our last bytes and the peer's close_notify or FIN */
	CONN_ENDING      /* the handle's close callback, which calls on_end */
};

enum conn_todo {
	TODO_FAIL = 1,     /* end with conn.err */
	TODO_WRITE = 2,    /* go on encrypting */
	TODO_WRITABLE = 4, /* call the owner */
	TODO_READ = 8      /* resumed */
};

/* Only while we connect. */
struct dial {
	uv_connect_t req;
	union address addresses[LIMIT_ADDRESSES];
	unsigned count;
	unsigned next;
	uint64_t connect_at_ms;
};

struct tunnel;

struct conn {
	union stream_handle handle;
	uv_write_t write_req;
	uv_shutdown_t shutdown_req;
	enum conn_state state;
	struct net *net;
	struct conn_events events;
	void *owner;
	struct due due;
	struct list ready;
	struct list starved;
	unsigned todo;
	int err;

	bool is_unix;
	bool is_client;
	bool is_fresh; /* no session is offered */
	bool is_paused;
	bool is_reading;            /* uv_read_start is on */
	bool is_busy;               /* from conn_write to on_writable */
	bool is_writing;            /* write_req is under way */
	bool has_sent_close_notify; /* close_notify is out */
	bool is_shutting;           /* shutdown_req has been started */
	bool is_shut;               /* and is done */
	bool is_eof;                /* the peer has finished */

	const uint8_t *out; /* the owner's bytes that are not yet written (plain) or encrypted */
	size_t out_len;
	uint8_t *wire; /* of net.wire, while write_req sends encrypted bytes */

	const struct tls *tls;
	SSL *ssl;
	struct conn_certificate certificate;
	const uint8_t *in; /* encrypted bytes for the BIO */
	size_t in_len;
	uint8_t *stash; /* a copy of them, kept over a pause */
	size_t stash_len;
	size_t stash_at;
	int io_err; /* why the BIO failed */

	struct conn_traffic traffic;
	struct lookup *lookup; /* CONN_RESOLVING */
	struct dial *dial;     /* until connected */
	struct tunnel *tunnel; /* until the proxy has connected */
	char *host;            /* as a client: name of the peer */
	uint16_t port;
	struct listener *listener; /* as a server */
	char peer[64];
	char why[LIMIT_WHY];
};

/* conn.c */
int conn_new(struct conn **ret, struct loop *l, const struct conn_target *target, bool is_unix,
	bool is_client) MUST_USE;
void conn_name_peer(struct conn *c);
void conn_connected(struct conn *c); /* TCP is up: TLS or open */
void conn_opened(struct conn *c);
void conn_secure(struct conn *c, const uint8_t *bytes, size_t len); /* begins TLS */
void conn_serve(struct conn *c); /* the work that conn_wake queued */
void conn_set_phase(struct conn *c, uint64_t at_ms);
void conn_read_on(struct conn *c); /* starts or stops reading, as state and pause require */
int conn_send(struct conn *c, const uint8_t *bytes, size_t len) MUST_USE;
/* Ends it now: on_end from the handle's close callback. NULL: no sentence beyond the error's. */
void conn_end(struct conn *c, int err, const char *why);
/* The same, but nothing of it inside the present call. */
void conn_fail_later(struct conn *c, int err, const char *why);
void conn_close_handle(struct conn *c);

/* net.c */
void conn_wake(struct conn *c, unsigned todo);
void net_give_wire(struct net *net, uint8_t *buffer);
void net_feed_starved(struct net *net);

/* conn_dial.c */
bool dial_next(struct conn *c);     /* true: another address is being tried */
void dial_reopened(struct conn *c); /* the failed handle has closed */

/* conn_tunnel.c */
int tunnel_new(struct tunnel **ret, const struct conn_target *target) MUST_USE;
void tunnel_free(struct tunnel *t);
const char *tunnel_host(const struct tunnel *t);
uint16_t tunnel_port(const struct tunnel *t);
void tunnel_start(struct conn *c); /* TCP to the proxy is up */
void tunnel_feed(struct conn *c, const uint8_t *bytes, size_t len);
/* Puts "the proxy HOST:PORT: " before a sentence. */
void tunnel_name_in(const struct tunnel *t, char *why, size_t cap, const char *sentence);

/* conn_tls.c */
void conn_tls_close(struct conn *c);
/* Encrypted bytes arrived, or (NULL, 0) something else that the handshake or reading waited for. */
void conn_tls_feed(struct conn *c, const uint8_t *bytes, size_t len);
/* Bytes that came while the owner had paused; it ends the conn if there is no room. */
void conn_keep_stash(struct conn *c, const uint8_t *bytes, size_t len);
uint8_t *conn_pop_stash(struct conn *c); /* NULL, or stash_len bytes that are the caller's */
void conn_drop_stash(struct conn *c);
/* Encrypts the owner's bytes: 1 all of them, 0 later, or an error. */
int conn_tls_push(struct conn *c) MUST_USE;
/* 1 sent, 0 later, or an error. */
int conn_tls_shutdown(struct conn *c) MUST_USE;

/* tls.c */
/* A new SSL with our BIO whose data is `c`; for a client with name, checks and a session. */
int tls_new_ssl(SSL **ret, const struct tls *t, struct conn *c) MUST_USE;
bool tls_is_server(const struct tls *t);
bool tls_is_for_printers(const struct tls *t); /* the peer's certificate proves nothing */
/* For conn_certificate. NULL: the peer has none. */
void tls_note_certificate(struct conn *c, const X509 *cert);
/* The BIO's functions (conn_tls.c). */
int conn_bio_read(BIO *bio, char *dst, size_t want, size_t *got);
int conn_bio_write(BIO *bio, const char *bytes, size_t len, size_t *taken);
long conn_bio_ctrl(BIO *bio, int cmd, long num, void *ptr);

/* tls_why.c */
/* A name for people; "no name" if it has none. */
void tls_why_name(char dst[LIMIT_CERT_NAME], const X509_NAME *name);
/* During verification: what is wrong with the certificate under inspection. */
void tls_why_certificate(char *why, size_t cap, const char *host, X509_STORE_CTX *store);
/* After a failed operation: the error, and why[] if it is still empty. */
int tls_why_failed(char *why, size_t cap, SSL *ssl, bool is_client, const char *host);

/* listen.c */
void listener_conn_gone(struct listener *li);

#endif
