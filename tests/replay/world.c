/* SPDX-License-Identifier: Apache-2.0
 * Virtual time, and an SNMP client whose printers are tables. */
#include "tests/replay/world.h"

#include "engine/conf/conf.h"
#include "engine/snmp/usm.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { DEADLINES = 400000, ADDRESS_FIRST = 0x0a010001 };

struct world *world;

struct world_request {
	struct list node; /* client: asked */
	struct due due;
	struct snmp_peer *peer;
	struct snmp_request sent;
	snmp_on_response *on_response;
	void *owner;
	uint64_t sent_ms;
	bool is_answered;
	int err; /* when it is not */
};

/* ---- loop.h ------------------------------------------------------------------------------ */

/* Nothing here takes time of its own: all that passes is waiting. */
uint64_t loop_idle_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t loop_wall_ms(const struct loop *l)
{
	return WORLD_WALL_MS + l->now_ms + (uint64_t)l->wall_off_ms;
}

void loop_refresh(struct loop *l)
{
	(void)l;
}

bool loop_iteration_is_long(const struct loop *l)
{
	(void)l;
	return false; /* in virtual time nothing takes any */
}

int loop_due_set(struct loop *l, struct due *d, uint64_t at_ms)
{
	return due_set(&l->heap, d, at_ms);
}

void loop_due_clear(struct loop *l, struct due *d)
{
	due_clear(&l->heap, d);
}

void world_run_until(struct world *h, uint64_t at_ms)
{
	struct loop *l = &h->loop;
	struct due *d;
	while ((d = due_first(&l->heap)) != NULL && d->at_ms <= at_ms) {
		if (d->at_ms > l->now_ms)
			l->now_ms = d->at_ms;
		due_clear(&l->heap, d);
		d->on_time(d);
	}
	l->now_ms = at_ms;
}

/* ---- snmp_client.h ----------------------------------------------------------------------------
 */

static struct printer *printer_of(const struct snmp_peer *peer, size_t *number)
{
	*number = ntohl(peer->address.in4.sin_addr.s_addr) - ADDRESS_FIRST;
	if (*number >= world->count)
		abort();
	return &world->printers[*number];
}

static void on_request_due(struct due *due)
{
	struct world_request *q = container_of(due, struct world_request, due);
	struct snmp_client *client = &world->client;
	struct varbind vb[LIMIT_VARBINDS];
	size_t number;
	struct printer *p = printer_of(q->peer, &number);
	uint64_t now = client->loop->now_ms;
	struct snmp_response reply = {.err = q->err,
		.varbinds = vb,
		.tries = 1,
		.sent_wall_ms = WORLD_WALL_MS + q->sent_ms,
		.received_wall_ms = WORLD_WALL_MS + now};
	if (q->is_answered) {
		reply.count = world_answer(p, number, now, &q->sent, vb, LIMIT_VARBINDS);
		reply.rtt_ms = p->latency_ms;
	}
	list_remove(&q->node);
	client->in_flight--;
	p->in_flight--;
	q->on_response(q->owner, &reply);
	free(q);
}

size_t snmp_client_overhead(const struct snmp_peer *peer)
{
	return peer->community_len;
}

/* Whether the request leaves it up. */
static bool is_survived(
	struct printer *p, size_t number, const struct snmp_request *q, uint64_t now)
{
	struct varbind vb[LIMIT_VARBINDS];
	uint64_t digest = mib_request_digest(q);
	p->asked_in_second = now - p->last_asked_ms < 500 ? p->asked_in_second + 1 : 1;
	p->last_asked_ms = now;
	if (now < p->down_until_ms)
		return false;
	p->repeats += p->fatal_digest == digest;
	size_t n = world_answer(p, number, now, q, vb, LIMIT_VARBINDS);
	bool is_missing = false;
	for (size_t i = 0; i < n && q->pdu == SNMP_GET; i++)
		is_missing = is_missing || vb[i].type == BER_NO_SUCH_INSTANCE;
	bool is_fatal = (p->crash_fault == CRASH_ON_MANY && (q->oids > 8 || n > 8)) ||
			(p->crash_fault == CRASH_ON_BULK && q->pdu == SNMP_GETBULK) ||
			(p->crash_fault == CRASH_ON_MISSING && is_missing) ||
			(p->crash_fault == CRASH_ON_HURRY && p->asked_in_second > 2);
	if (is_fatal) {
		p->crashes++;
		p->fatal_digest = digest;
		p->down_until_ms = now + p->down_for_ms;
		p->up_since_ms = p->down_until_ms;
	}
	return !is_fatal;
}

int snmp_client_send(struct snmp_client *client, struct snmp_peer *peer,
	const struct snmp_request *request, snmp_on_response *on_response, void *owner)
{
	size_t number;
	struct printer *p = printer_of(peer, &number);
	struct world_request *q = calloc(1, sizeof *q);
	if (q == NULL)
		abort();
	q->peer = peer;
	q->sent = *request;
	q->on_response = on_response;
	q->owner = owner;
	q->sent_ms = client->loop->now_ms;
	list_init(&q->node);
	list_push(&client->asked, &q->node);
	due_init(&q->due, on_request_due);
	p->asked++;
	if (++p->in_flight > p->max_in_flight)
		p->max_in_flight = p->in_flight;
	q->is_answered = !world_is_silent(p, q->sent_ms) &&
			 is_survived(p, number, request, q->sent_ms) &&
			 !(p->has_no_bulk && request->pdu == SNMP_GETBULK);
	q->err = q->is_answered ? 0 : ERR_SNMP_TIMEOUT;
	if (++client->in_flight > client->max_in_flight)
		client->max_in_flight = client->in_flight;
	uint64_t wait = q->is_answered ? p->latency_ms : client->timeout_ms;
	return due_set(&client->loop->heap, &q->due, q->sent_ms + wait);
}

size_t snmp_client_window(const struct snmp_client *client)
{
	return client->window;
}

size_t snmp_client_in_flight(const struct snmp_client *client)
{
	return client->in_flight;
}

uint64_t snmp_client_drops(const struct snmp_client *client)
{
	return client->drops;
}

static void stop(struct snmp_client *client, struct world_request *q)
{
	q->is_answered = false;
	q->err = ERR_STOPPED;
	if (due_set(&client->loop->heap, &q->due, client->loop->now_ms) < 0)
		abort();
}

void snmp_client_stop(struct snmp_client *client, void *owner)
{
	for (struct list *at = client->asked.next; at != &client->asked; at = at->next) {
		struct world_request *q = container_of(at, struct world_request, node);
		if (owner == NULL || q->owner == owner)
			stop(client, q);
	}
}

/* ---- conf.h ------------------------------------------------------------------------------ */

int conf_each_device(const struct agent_conf *c,
	int (*each)(void *owner, const struct conf_device *device), void *owner,
	struct conf_error *err)
{
	(void)c;
	(void)err;
	for (size_t i = 0; i < world->count; i++) {
		struct conf_device device = {
			.version = SNMP_V2C, .community = "public", .community_len = 6};
		device.address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons(161),
			.sin_addr.s_addr = htonl((uint32_t)(ADDRESS_FIRST + i))};
		int rc = each(owner, &device);
		if (rc < 0)
			return rc;
	}
	return (int)world->count;
}

int conf_look_up(struct conf_device *device)
{
	return world->look_up == NULL ? ERR_NAME : world->look_up(world, device);
}

bool conf_accepts(const struct conf_accept *accept, const struct sockaddr *sa, unsigned kind)
{
	(void)accept;
	(void)sa;
	(void)kind;
	return false;
}

bool agent_conf_is_allowed(const struct agent_conf *c, const struct sockaddr *sa)
{
	(void)c;
	return world->denied.sin_port == 0 ||
	       !address_is_same(sa, (const struct sockaddr *)(const void *)&world->denied);
}

/* ---- workers.h: one job at a time, which takes no time ---- */

static void on_job_due(struct due *due)
{
	struct worker_job *job = container_of(due, struct world, job_due)->job;
	job->on_done(job, job->work(job));
}

void worker_start(struct workers *workers, enum worker worker, struct worker_job *job,
	int (*work)(struct worker_job *job), void (*on_done)(struct worker_job *job, int result))
{
	(void)workers;
	(void)worker;
	job->work = work;
	job->on_done = on_done;
	world->job = job;
	due_init(&world->job_due, on_job_due);
	if (due_set(&world->loop.heap, &world->job_due, world->loop.now_ms) < 0)
		abort();
}

/* ---- usm.h: no SNMPv3 here ---- */

void usm_peer_init(
	struct usm_peer *p, struct usm_user *user, const char *context, size_t context_len)
{
	*p = (struct usm_peer){
		.user = user, .context = context, .context_len = (uint8_t)context_len};
}

void usm_peer_close(struct usm_peer *p)
{
	*p = (struct usm_peer){.user = NULL};
}

size_t usm_peer_memory(void)
{
	return 0;
}

/* ---- life -------------------------------------------------------------------------------- */

void world_open(struct world *h, size_t printers)
{
	memset(h, 0, sizeof *h);
	world = h;
	h->count = printers;
	h->printers = calloc(printers, sizeof h->printers[0]);
	if (h->printers == NULL || due_heap_open(&h->loop.heap, DEADLINES) < 0 ||
		slab_open(&h->spool.blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE) < 0)
		abort();
	h->loop.now_ms = 1;
	for (size_t i = 0; i < printers; i++) {
		h->printers[i].latency_ms = (uint32_t)(5 + i * 7 % 90);
		h->printers[i].page_every_ms = (uint32_t)(20000 + i * 37 % 100 * 10000);
	}
	h->client.loop = &h->loop;
	h->client.timeout_ms = 5000;
	h->client.window = LIMIT_SNMP_IN_FLIGHT;
	list_init(&h->client.asked);
	h->spool.loop = &h->loop;
	h->spool.linger_ms = 50;
	h->spool.next_seq = 1;
	list_init(&h->spool.waiting);
}

void world_close(struct world *h)
{
	if (h->client.in_flight != 0 || !list_is_empty(&h->spool.waiting))
		abort(); /* a request or a record without an owner */
	slab_close(&h->spool.blocks);
	due_heap_close(&h->loop.heap);
	free(h->printers);
	world = NULL;
}
