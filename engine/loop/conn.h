/* SPDX-License-Identifier: Apache-2.0
 * One TCP stream, plain or TLS, made by us (conn_connect) or accepted (listen.h). TLS runs through
 * a custom BIO straight between the socket and bounded buffers; at most one write is under way and
 * an idle connection holds no buffer of ours.
 *
 * Calls: on_open once (TCP and TLS are up, and the peer's certificate and name are verified, unless
 * tls_printer_open made the context: before that no byte of the application leaves), then on_bytes
 * and on_writable in any order, then on_end exactly once, last, and after it the conn is gone. If
 * conn_connect returns an error, none of them is called. No callback runs before the call that
 * caused it has returned. conn_close is idempotent until on_end. */
#ifndef PLATEN_LOOP_CONN_H
#define PLATEN_LOOP_CONN_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "engine/loop/loop.h"
#include "engine/loop/tls.h"

#include <stddef.h>
#include <stdint.h>

struct conn;

struct conn_events {
	void (*on_open)(void *owner);
	/* Decrypted bytes, good during the call. May be NULL only for a conn that never reads. */
	void (*on_bytes)(void *owner, const uint8_t *bytes, size_t len);
	/* All of the last conn_write has been handed to the kernel: its bytes are the owner's
	 * again. */
	void (*on_writable)(void *owner);
	/* err: 0 the peer closed cleanly; ERR_STOPPED we did; ERR_TIMEOUT a deadline; ERR_TLS_*,
	 * ERR_NAME, ERR_PROXY*, -errno. `why` is one sentence for a person, e.g. names the
	 * certificate's issuer. */
	void (*on_end)(void *owner, int err, const char *why);
};

/* An HTTP proxy, asked by CONNECT for a tunnel; certificate and name of the target are verified
 * through it all the same. */
struct conn_proxy {
	const char *host;
	uint16_t port;
	const char *user; /* Basic; NULL: none */
	const char *password;
};

struct conn_target {
	/* Name or address, also the name that the certificate must carry; or "unix:/path", plain.
	 */
	const char *host;
	uint16_t port;
	const struct tls *tls;          /* NULL: plain */
	uint64_t connect_ms;            /* for name, proxy, TCP and TLS together */
	const struct conn_proxy *proxy; /* NULL: none; needs tls. Only read by conn_connect */
	bool is_fresh; /* a full handshake, also when a session could be resumed (benchmarks) */
};

int conn_connect(struct conn **ret, struct loop *l, const struct conn_target *target,
	const struct conn_events *events, void *owner) MUST_USE;

/* The user at the other end of a Unix socket; ERR_USAGE of another socket, -errno. */
int conn_peer_uid(const struct conn *c, unsigned *uid) MUST_USE;

/* Sets the owner of an accepted conn; call it inside on_accept (listen.h). */
void conn_set_owner(struct conn *c, const struct conn_events *events, void *owner);

/* Hands over `len` bytes, which stay the owner's and untouched until on_writable or on_end.
 * ERR_BUSY while a write is under way, ERR_STOPPED after conn_close. */
int conn_write(struct conn *c, const void *bytes, size_t len) MUST_USE;

/* Back-pressure: no on_bytes between pause and resume; the peer's window fills. */
void conn_pause(struct conn *c);
void conn_resume(struct conn *c);

/* One deadline for the present phase: on_end(ERR_TIMEOUT) when it passes. 0 clears it. Before
 * on_open it has no effect: until then connect_ms or LIMIT_CONNECT_MS rules. Each conn takes one
 * place of the loop's deadlines, all conns together one more; without a place it ends with
 * ERR_FULL. */
void conn_set_deadline(struct conn *c, uint64_t at_ms);

/* Finishes a write that is under way, sends close_notify and FIN, waits LIMIT_LINGER_MS for
 * the peer's, then on_end(ERR_STOPPED). Bounded by LIMIT_CONNECT_MS. Until then nothing but on_end
 * is called. Before on_open it is conn_abort. */
void conn_close(struct conn *c);

/* At once, without close_notify: on_end(ERR_STOPPED) still comes, later. */
void conn_abort(struct conn *c);

/* "192.0.2.1:443" of the peer, for logs. Good as long as the conn. */
const char *conn_peer(const struct conn *c);

/* Of a conn that we made: TCP's segments and what they carried, its own and those of TLS with it,
 * over all addresses that were tried. Whole from inside on_end; zero before. */
struct conn_traffic {
	uint64_t packets_out, packets_in, bytes_out, bytes_in;
};
struct conn_traffic conn_traffic(const struct conn *c);

/* The certificate that the server of a conn of ours showed, also if it was refused; from inside
 * on_open until on_end has returned. issuer "": it showed none. */
struct conn_certificate {
	char issuer[LIMIT_CERT_NAME];
	uint64_t expires_ms; /* Unix */
};
const struct conn_certificate *conn_certificate(const struct conn *c);

/* Whether TLS resumed an earlier session (benchmarks, logs). */
bool conn_is_resumed(const struct conn *c);

#endif
