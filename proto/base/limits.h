/* SPDX-License-Identifier: Apache-2.0
 * Every maximum of the program, with its reason, who enforces it and what the user sees when it is
 * reached. Reaching a limit is an ordinary result, never an abort. Sizes are bytes unless the name
 * says otherwise. */
#ifndef PLATEN_BASE_LIMITS_H
#define PLATEN_BASE_LIMITS_H

/* ---- log -------------------------------------------------------------------------------- */
/* A log line; a longer one is cut at a value (base/log). */
#define LIMIT_LOG_LINE 2048
/* Log lines a second that peers can cause, of each kind (base/log counts the others). */
#define LIMIT_LOG_RATE 20
/* The text of an error's reason (`why`); longer ones are cut. */
#define LIMIT_WHY 256

/* ---- SNMP ------------------------------------------------------------------------------- */
/* Sub-identifiers of an OID: RFC 2578 section 3.5 (proto/smi/oid refuses more). */
#define LIMIT_OID_SUBIDS 128
/* BER bytes of an OID that is requested or stored (proto/smi/oid, proto/mib/mib refuse more). */
#define LIMIT_OID_BER 128
/* The row's index behind a column, as BER; a longer one is no row of any table here
 * (proto/mib/mib). */
#define LIMIT_INDEX_BER 16
/* Varbinds decoded from one response; further ones are counted and dropped (engine/snmp). */
#define LIMIT_VARBINDS 128
/* OIDs in one request (proto/mib/mib): more never fits LIMIT_REQUEST_BYTES. */
#define LIMIT_REQUEST_OIDS 64
/* An encoded request: one unfragmented Ethernet frame (engine/snmp refuses more). */
#define LIMIT_REQUEST_BYTES 1472
/* Size of a request until a printer has accepted a larger one: RFC 3417 obliges every agent to
 * accept 484 (fleet/poll). */
#define LIMIT_REQUEST_FIRST 484
/* A response: requests are made to fit one Ethernet frame, some agents send a few more. The kernel
 * cuts a longer datagram; it is counted as malformed (loop/udp). */
#define LIMIT_DATAGRAM 8192
/* A community string; longer ones are refused in the configuration (conf). */
#define LIMIT_COMMUNITY 64
/* Requests in flight over all sockets (engine/snmp; fleet/admission waits). */
#define LIMIT_SNMP_IN_FLIGHT 4096
/* UDP sockets: as many as the window needs at 128 requests a socket with Debian's default receive
 * buffer (loop/udp). */
#define LIMIT_UDP_SOCKETS 16
/* Bytes of effective receive buffer for each request in flight on a socket: measured to lose no
 * datagram (loop/udp). */
#define LIMIT_RCVBUF_PER_REQUEST 3328
/* Datagrams of one recvmmsg and batches of one wake-up: a flood cannot starve the timers
 * (loop/udp).
 */
#define LIMIT_RECV_BATCH 64
#define LIMIT_RECV_BATCHES 8
/* One iteration of the loop: work beyond it is left to the next iteration, so that no event waits
 * much longer (loop, loop/udp, fleet). */
#define LIMIT_LOOP_ITERATION_MS 4
/* Bytes kept for the table of libuv that holds 16,000 descriptors. */
#define LIMIT_LOOP_RESERVE 131072
/* Bytes of a thread's stack: four of them fit into the 40 MiB that glibc keeps. */
#define LIMIT_THREAD_STACK (8U << 20)
/* Transmissions of one request, the first included (engine/snmp). */
#define LIMIT_SNMP_TRIES 8
/* Retransmission timeout (engine/snmp): at least this much above the printer's usual round trip, so
 * that a delayed response does not cause a second copy of its request. RFC 6298 has 1 s, TCP on
 * Linux 200 ms. */
#define LIMIT_RTO_MIN_MS 200
/* For a printer without a measured round trip, while no printer has one. */
#define LIMIT_RTO_FIRST_MS 400
/* The timeout doubles from one transmission to the next up to this, so that all of them fit into
 * snmp.timeout; */
#define LIMIT_RTO_DOUBLED_MS 1000
/* and the first timeout of a slow printer is at most this. */
#define LIMIT_RTO_MAX_MS 8000
/* After an unauthenticated Report a request waits this long for its response, and at least the time
 * of two retransmissions: the Report may be forged (engine/snmp). */
#define LIMIT_SNMP_REPORT_WAIT_MS 1000
/* Requests and varbinds of one poll, for printers whose tables do not end (fleet/poll ends it). */
#define LIMIT_POLL_REQUESTS 400
#define LIMIT_POLL_VARBINDS 8000
/* Time of one poll: no request starts after it, so that a printer that responds to each at the last
 * moment does not hold its slot for hours (fleet/poll). */
#define LIMIT_POLL_MS 600000

/* Bytes received in one poll: 400 full responses are 600 kB; only padded ones come near (fleet/poll
 * ends it). */
#define LIMIT_POLL_BYTES (2u << 20)
/* Between two requests to a printer in safe mode: some crash at more than two a second
 * (fleet/rate_limit). */
#define LIMIT_SAFE_MODE_MS 600
/* A request after which a device stopped responding is not repeated within this time (fleet/poll).
 */
#define LIMIT_QUARANTINE_MS (24ull * 3600 * 1000)
/* Subnets with a token bucket of their own, more share one; and the burst that a bucket holds
 * (fleet/rate_limit). */
#define LIMIT_SUBNETS 4096
#define LIMIT_SUBNET_BURST_MS 100
/* The window of requests in flight never shrinks below this (fleet/rate_limit). */
#define LIMIT_WINDOW_MIN 32
/* A printer whose last poll took longer, or had no response, is polled apart from the prompt ones,
 * so that it does not delay them (fleet/roster). */
#define LIMIT_SLOW_POLL_MS 15000

/* ---- a reading -------------------------------------------------------------------------- */
/* Rows of each table that are stored of one printer; more set the group to "partial"
 * (proto/mib/mib). */
#define LIMIT_METERS 160
#define LIMIT_SUPPLIES 64
#define LIMIT_ALERTS 64
/* Days of which the hub stores the closing level of each supply: the window of "days left"
 * (HISTORY_WINDOW_DAYS) with its first and its current day (proto/history). */
#define LIMIT_HISTORY_DAYS 32
/* Entries of supplies.thresholds (proto/history, engine/hub). */
#define LIMIT_SUPPLY_THRESHOLDS 256
#define LIMIT_FIRMWARE 32
#define LIMIT_OPTIONS 96
#define LIMIT_SUBUNITS 64
#define LIMIT_MAINTENANCE 48
#define LIMIT_DEVICE_ROWS 32
/* Rows of one column that are walked: no table here stores more, and an endless column leaves
 * requests for the other tables (proto/mib/mib). */
#define LIMIT_COLUMN_ROWS 160
/* Text fields, in UTF-8 (proto/mib/mib cuts). */
#define LIMIT_TEXT_SHORT 64
#define LIMIT_TEXT 255
#define LIMIT_TEXT_LONG 1024
/* Blocks of the reading arena, and how many one printer may hold (fleet). */
#define LIMIT_ARENA_BLOCK 2048
#define LIMIT_ARENA_BLOCKS_ONE 40

/* ---- IPP -------------------------------------------------------------------------------- */
/* A Get-Printer-Attributes response: one with all attributes is 100 kB with 6,600 values, three
 * quarters of them media sizes (proto/ipp/ipp refuses more: ERR_LIMIT). */
#define LIMIT_IPP_BYTES (1u << 20)
#define LIMIT_IPP_ATTRIBUTES 2048
#define LIMIT_IPP_VALUES 65535
/* Collections in collections; PWG's deepest are 4 (proto/ipp/ipp refuses more). */
#define LIMIT_IPP_DEPTH 8
/* Values of one attribute, and of all, that are decoded; more set the group to "partial"
 * (proto/ipp/ipp_reading). */
#define LIMIT_IPP_SET 64
#define LIMIT_IPP_KEPT 640
/* A request: its HTTP head and some 30 names of attributes (fleet/ipp_client). */
#define LIMIT_IPP_REQUEST 4096
/* A response over the network: 30 attributes are requested, and a printer that sends all it has
 * fits too (fleet/ipp_client refuses more; the poll goes on without IPP). */
#define LIMIT_IPP_RESPONSE (128u << 10)
/* Concurrent IPP requests; further polls wait (fleet/ipp_poll). Memory of OpenSSL for one such
 * connection, rounded up: part of the memory budget that the agent logs at start. */
#define LIMIT_IPP_POLLS 64
#define LIMIT_IPP_TLS_BYTES (48u << 10)
/* Time for TCP and TLS, and for the whole exchange: a printer is on the same network
 * (fleet/ipp_client). */
#define LIMIT_IPP_CONNECT_MS 3000
#define LIMIT_IPP_MS 15000
/* After a failed or useless IPP response the printer gets no IPP request for this long; after so
 * many failures in a row its readings no longer count as partial for it (fleet/ipp_poll). */
#define LIMIT_IPP_REST_MS (24ull * 3600 * 1000)
#define LIMIT_IPP_MISSED 7

/* ---- model files ------------------------------------------------------------------------ */
/* One file, and what all files need together (proto/model/model refuses more): the built-in ones
 * take a fifth. */
#define LIMIT_MODEL_BYTES (256u << 10)
#define LIMIT_MODELS_MEMORY (2u << 20)
/* Rows of each kind (targets, words ...) in all files together: they are counted in 16 bits. */
#define LIMIT_MODEL_ROWS 8192
/* Families: a device that matches none is asked for one object of each, and the remaining ones are
 * a mask of 64 bits. Scalars of one family likewise. */
#define LIMIT_MODELS 64
#define LIMIT_MODEL_GETS 64
/* Tables of one family, and columns of one table: a poll has so many walks and cursors for them
 * (proto/mib/mib). */
#define LIMIT_MODEL_TABLES 16
#define LIMIT_MODEL_COLUMNS 8
/* Nesting of maps and lists: a code's target in a scalar's list is six deep. */
#define LIMIT_MODEL_DEPTH 12

/* ---- wire (proto/wire/SCHEMA.md) ------------------------------------------------------------- */
/* How often, and after how long, the lock of a state directory is tried again while only readers
 * hold it (store/db). */
#define LIMIT_LOCK_TRIES 200
#define LIMIT_LOCK_TRY_MS 5
/* One packed record. All rows of all tables with usual texts are 30 kB; only a reading whose texts
 * are all at their maxima exceeds twice that (fleet/collect refuses and counts it). */
#define LIMIT_RECORD 65536
/* Uncompressed body of one batch, and compressed (uplink splits; the hub responds 413). */
#define LIMIT_BATCH_RAW (1u << 20)
#define LIMIT_BATCH_SENT (1u << 20)
/* Bodies of the last upload, for the difference of `platen preview` (uplink/last_upload). */
#define LIMIT_LAST_UPLOAD (4u << 20)
/* Records in one batch. */
#define LIMIT_BATCH_RECORDS 2048
/* Of these in the first batch to a hub, whose receipt says which encodings of a body it reads
 * (uplink). */
#define LIMIT_BATCH_FIRST 64
/* The head and the receipt. */
#define LIMIT_HEAD 4096
#define LIMIT_RECEIPT 65536
/* A body in columns: columns, shapes of maps, keys of one shape and of all (proto/wire/columns; the
 * body travels in another encoding, the hub responds 422). A fleet of all vendors has 150 columns.
 */
#define LIMIT_COLUMNS 512
#define LIMIT_COLUMN_SHAPES 2048
#define LIMIT_COLUMN_KEYS 64
#define LIMIT_COLUMN_SHAPE_KEYS 32768
/* A row of coverage (proto/wire/coverage), and rows of devices that were never read: of one agent
 * at the hub (store/archive keeps no more). */
#define LIMIT_COVERAGE_ROW 128
#define LIMIT_COVERAGE_UNREAD 4096
/* Coverage goes with a sync that sends records; with one that has none only after this time
 * (uplink).
 */
#define LIMIT_COVERAGE_EVERY_MS 3600000
/* The text of the program's version in a heartbeat, which is cut (uplink); a heartbeat's envelope
 * with the longest values (proto/wire/heartbeat); one that the hub accepts, of a later agent (413).
 */
#define LIMIT_HEARTBEAT_SOFTWARE 32
#define LIMIT_HEARTBEAT 300
#define LIMIT_HEARTBEAT_RECEIVED 1024
/* Heartbeats of one agent that the hub accepts: one in this time on average, so many at once (429).
 */
#define LIMIT_HEARTBEAT_EVERY_MS 60000
#define LIMIT_HEARTBEAT_BURST 10
/* Between two syncs that a heartbeat's response asks for (uplink). */
#define LIMIT_HEARTBEAT_SYNC_MS 21600000
/* Depth, and items of one container, in received msgpack (proto/msgpack/mpread). */
#define LIMIT_MP_DEPTH 8
#define LIMIT_MP_ITEMS 4096
/* DER SubjectPublicKeyInfo and signature: room for P-256 and Ed25519 (proto/wire/envelope). */
#define LIMIT_PUBLIC_KEY 128
#define LIMIT_SIGNATURE 96
/* Failures of one upload run in a row, after which it waits for its next time (uplink). */
#define LIMIT_UPLINK_TRIES 8
/* Exported batches whose receipts may come by file (uplink/batch_file). */
#define LIMIT_EXPORTS 1024
/* The longest Retry-After that is obeyed: a longer one counts as this (uplink). */
#define LIMIT_RETRY_AFTER_MS 3600000
/* The clock may be set, and a host may sleep: the uplink looks at its schedule at least this often.
 * After a refused log-in it looks then too whether the file of the secret has changed. */
#define LIMIT_UPLINK_LOOK_MS 600000

/* ---- store ------------------------------------------------------------------------------ */
/* Records waiting for one commit: bytes held in memory (store/spool refuses more: ERR_FULL). */
#define LIMIT_SPOOL_PENDING (1u << 20)
/* A commit that the disk refuses is tried again after so long. */
#define LIMIT_SPOOL_RETRY_MS 2000
/* Default size of the spool on disk; a setting (store/spool refuses more: ERR_FULL). */
#define LIMIT_SPOOL_BYTES (256ull << 20)
/* Devices whose last state the spool keeps: twice those of the configuration, as a printer that is
 * replaced, or that names another serial number at each poll, leaves rows (store/spool_latest). */
#define LIMIT_SPOOL_DEVICES (2 * LIMIT_DEVICES_MAX)
/* Name and bytes of a small value (spool_set_value refuses more: ERR_LIMIT). */
#define LIMIT_SPOOL_NAME 64
#define LIMIT_SPOOL_VALUE 4096
/* Files store.damaged-* in the state directory, a WAL counting as one; the oldest are removed after
 * a rebuild, and the log names how many (store/spool_salvage). */
#define LIMIT_DAMAGED_FILES 8
/* How long a statement waits for another connection; readers block only checkpoints, which are
 * short (store/db returns -EBUSY after it). */
#define LIMIT_STORE_BUSY_MS 5000
/* Pages of 4 KiB in the WAL before they are moved into the database (store/db): 4 MiB. */
#define LIMIT_STORE_WAL_PAGES 1000

/* Records of one batch that are rejected one by one; with more the whole batch is refused
 * (store/archive; the hub responds 422). */
#define LIMIT_REJECTED 64
/* Bytes of device keys in the want_full list of one receipt; the next receipt has the rest
 * (store/archive). */
#define LIMIT_WANTED 8192
/* Batches in one commit of the hub (hub/ingest): company without making the first wait long. */
#define LIMIT_COMMIT_BATCHES 32
/* The audit ledger (store/audit): a segment's bytes and how many are kept, the oldest are removed:
 * 128 MiB, of a hub with 1,000 agents the entries of six months. A line, who did it, and what. */
#define LIMIT_AUDIT_SEGMENT (4u << 20)
#define LIMIT_AUDIT_SEGMENTS 32
/* Segments above the one in audit.head that are of the ledger; others are named (store/audit). */
#define LIMIT_AUDIT_LEAD 8
#define LIMIT_AUDIT_LINE 4096
#define LIMIT_AUDIT_WHO 160
#define LIMIT_AUDIT_WHAT 1024
/* Entries that wait for the disk; further ones are counted in one entry (store/audit_queue), and
 * the time between two tries at a disk that refuses them. */
#define LIMIT_AUDIT_PENDING 96
/* Digests in the peer's ledger that `audit verify --peer` compares. */
#define LIMIT_AUDIT_WITNESSED 200000
#define LIMIT_AUDIT_RETRY_MS 10000
/* Events of all devices at the hub; the oldest are deleted (store/archive). */
#define LIMIT_EVENT_ROWS 1000000
/* Page cache of the hub's store, KiB: the indexes of 100,000 devices (store/archive). */
#define LIMIT_ARCHIVE_CACHE_KIB 8192

/* ---- TCP, TLS, HTTP --------------------------------------------------------------------- */
/* Connections of the hub at once; a setting up to this (loop/listen leaves further ones in the
 * kernel's queue). */
#define LIMIT_CONNS 10000
#define LIMIT_CONNECT_MS 10000
#define LIMIT_HEAD_MS 10000
#define LIMIT_SEND_MS 60000
#define LIMIT_RECEIPT_MS 60000
#define LIMIT_IDLE_MS 60000
/* A body must keep at least this pace after LIMIT_HEAD_MS (hub/ingest answers 408). */
#define LIMIT_BODY_BYTES_PER_S 1024
#define LIMIT_HTTP_HEAD 8192
#define LIMIT_HTTP_HEADERS 32
#define LIMIT_HTTP_TARGET 1024
/* Bodies of full size that the hub holds in memory at once, or more smaller ones; others wait
 * unread, LIMIT_SEND_MS at most, and are then answered 503 (hub/ingest). */
#define LIMIT_HUB_BODIES 64

/* A closed connection waits this long for the peer's FIN, so that a reset does not discard the last
 * bytes sent (loop/conn). */
#define LIMIT_LINGER_MS 1000
/* Concurrent name lookups: the pool has four threads and the disk needs one (loop/name queues the
 * others). Addresses of one name that are tried, in order (loop/name drops the others). */
#define LIMIT_LOOKUPS 2
#define LIMIT_ADDRESSES 4
/* A host name: RFC 1035 (loop/conn refuses more). */
#define LIMIT_HOST 255
/* One read from a socket: one buffer for all connections of a loop (loop/conn). */
#define LIMIT_READ_BYTES 65536
/* Buffers for encrypted bytes that the kernel has not accepted yet, 17 KiB each; connections beyond
 * that wait for one (loop/conn). */
#define LIMIT_WIRE_BUFFERS 512
/* Bytes held for connections that paused in the middle of a read, all together (loop/conn ends the
 * one that would exceed it: ERR_FULL). */
#define LIMIT_STASH_BYTES (16u << 20)
/* TLS sessions that a client keeps for resumption unless told otherwise (loop/tls drops the
 * oldest). */
#define LIMIT_TLS_SESSIONS 4
/* A PEM file of certificates, lists or a key: Debian's whole store has 220 kB (loop/tls_file
 * refuses more). Keys of hub.spki_pin: the present one, the next one, and those of authorities. */
#define LIMIT_PEM_BYTES (4u << 20)
#define LIMIT_SPKI_PINS 16
/* A name of a certificate, as messages show it (loop/tls_why cuts it). */
#define LIMIT_CERT_NAME 72
/* Life of a TLS ticket key: a stolen one decrypts recorded traffic (loop/tls makes a new one). */
#define LIMIT_TICKET_KEY_MS (24u * 3600u * 1000u)
/* After a failed accept for want of memory or descriptors the next try waits this long
 * (loop/listen). */
#define LIMIT_ACCEPT_RETRY_MS 200
/* When the last place of a hub is taken, this part of all places is freed of connections that wait
 * for nothing, the longest idle first (hub/ingest closes them). */
#define LIMIT_SHED_PART 16
/* Interim (1xx) responses before the final one (proto/http/http1 refuses more). */
#define LIMIT_HTTP_INTERIMS 4

/* ---- accounts and control socket -------------------------------------------------------- */
#define LIMIT_USER 64
#define LIMIT_PASSWORD 128
/* Queued password checks at the hub; more get 503 (hub/account). */
#define LIMIT_HASHES_WAITING 64

/* A line of the control socket, either way (ui/ctl refuses longer ones): the agent's whole status
 * fits. */
#define LIMIT_CTL_LINE 32768

/* Failed log-ins of one user before the next is refused, the time until one more is allowed, and
 * the users in that table; of more, those with the fewest failures are dropped (hub/account
 * responds 429). */
#define LIMIT_LOGIN_FAILS 10
#define LIMIT_LOGIN_REST_MS 90000
#define LIMIT_LOGIN_USERS 4096

/* ---- fleet ------------------------------------------------------------------------------ */
/* Printers of one instance: devices.max, its default and its maximum (fleet/roster counts the
 * others). */
#define LIMIT_DEVICES 2000
#define LIMIT_DEVICES_MAX 100000
/* A device's key, e.g. "serial:xerox/3WX100001", with its NUL (fleet/collect cuts the serial). */
#define LIMIT_DEVICE_KEY 112
/* Resolution of the times of a record's groups, before its own (fleet/collect rounds outward). */
#define LIMIT_READ_TIME_MS 1000
/* An address with its port as text, e.g. "[2001:db8::1%eth0]:161", with its NUL. */
#define LIMIT_ADDRESS 80
/* The whole state of a device is sent again after this time even if nothing changed (S35). */
#define LIMIT_FULL_MS (7ull * 24 * 3600 * 1000)
/* Between two full polls: options, media and maintenance parts change seldom (fleet/poll). */
#define LIMIT_FULL_POLL_MS (12ull * 3600 * 1000)
/* A recording's file (platen read): the largest known one has 3 MB. */
#define LIMIT_RECORDING (32u << 20)
/* Varbinds of one recording: a large MFP has some 10,000 (fleet/recorder ends it). */
#define LIMIT_RECORD_ROWS 60000
/* First delay after a poll without response; doubled up to the interval (fleet/roster). */
#define LIMIT_SILENT_FIRST_MS 60000
/* DNS names of devices.targets are looked up after this time; after a failure sooner, with a delay
 * that is doubled up to it; and again if its result cannot be applied yet. At start they block for
 * this time together, and those that are left follow on a worker (fleet/names). */
#define LIMIT_NAME_EVERY_MS 3600000
#define LIMIT_NAME_FIRST_MS 60000
#define LIMIT_NAME_RETRY_MS 1000
#define LIMIT_NAMES_START_MS 10000
/* Arena blocks for each concurrent poll on average, and the expected need of a device without a
 * profile: a large colour MFP takes 12 in a full poll and 6 in an incremental one. A poll starts
 * when its expected blocks are free (fleet/poll). */
#define LIMIT_BLOCKS_PER_POLL 6
#define LIMIT_BLOCKS_NEW_DEVICE 12

/* A device that is no printer is polled again after this time: a printer may take its address
 * (fleet/roster). */
#define LIMIT_OTHER_POLL_MS (24ull * 3600 * 1000)
/* The profile of a device is saved at a poll if the last time is so long ago, for the time when it
 * was last seen (fleet/profile). */
#define LIMIT_SEEN_SAVE_MS 60000
/* The profile of a device that is neither polled nor found is deleted after this time; and the
 * interval of that check (store/device_store). */
#define LIMIT_PROFILE_KEEP_MS (180ull * 24 * 3600 * 1000)
#define LIMIT_PROFILE_DROP_EVERY_MS (24ull * 3600 * 1000)
#define LIMIT_SILENT_MAX_MS (24ull * 3600 * 1000)
/* Quarantined requests of one device; of more, the oldest is dropped (fleet/poll). The name of a
 * credential, with its NUL (conf refuses longer ones). */
#define LIMIT_QUARANTINED 4
#define LIMIT_CREDENTIAL_NAME 64
/* The device store: rows (of more, the longest unseen are deleted: store/device_store), events,
 * events between two commits, rows of one commit, how long a row waits for others, and the delay of
 * a commit after ENOSPC. */
#define LIMIT_DEVICE_STORE_ROWS 200000
#define LIMIT_DEVICE_EVENTS 10000
#define LIMIT_DEVICE_EVENTS_WAITING 64
#define LIMIT_DEVICE_STORE_BATCH 128
#define LIMIT_DEVICE_STORE_LINGER_MS 500
#define LIMIT_DEVICE_STORE_RETRY_MS 30000

/* ---- discovery -------------------------------------------------------------------------- */
/* Addresses of one scan, a byte of state each (fleet/scan refuses more: ERR_LIMIT). */
#define LIMIT_SCAN_ADDRESSES (1u << 20)
/* Addresses that responded and have a record, a third of a KiB each (fleet/scan counts the others).
 */
#define LIMIT_SCAN_FOUND 65536
/* Probes a second, maximum of the setting: beyond it slow links lose them. */
#define LIMIT_SCAN_RATE 100000
/* Burst after a pause of the loop: the probes of at most this time (fleet/scan). */
#define LIMIT_SCAN_BURST_MS 100
/* Wait after the last probe, for printers that wake up: the default of a setting. Half of it passes
 * between two probes of one address, so that each has one request in flight (fleet/scan). */
#define LIMIT_SCAN_WAIT_MS 3000
/* Probes queued for the kernel (fleet/scan sends the others later). */
#define LIMIT_SCAN_QUEUE 256
/* Rounds of probes, maximum of the setting. Without the setting, a second round goes to silent
 * addresses if it takes no longer than LIMIT_SCAN_ROUND_MS, and further ones while the loss rate
 * suggests that half a device or more was missed (fleet/scan). */
#define LIMIT_SCAN_ROUNDS 4
#define LIMIT_SCAN_ROUND_MS 10000
/* Communities tried at one address, maximum of the setting: each is disclosed to the host at that
 * address (fleet/scan). */
#define LIMIT_SCAN_TRIES 8
/* Concurrent identifications, and concurrent TCP port probes (fleet/scan). */
#define LIMIT_SCAN_POLLS 32
#define LIMIT_SCAN_PORT_PROBES 32
#define LIMIT_SCAN_PORT_PROBE_MS 2000
/* Silent addresses whose IPP port is probed: about a minute at LIMIT_SCAN_PORT_PROBES at once
 * (fleet/scan; the coverage shows if there were more). */
#define LIMIT_SCAN_SILENT_PROBED 1024
/* A printer that refused all credentials gets them again after this time, or in a run started by
 * SIGHUP (fleet/discovery). */
#define LIMIT_DISCOVERY_AGAIN_MS (24ull * 3600 * 1000)
/* Addresses from one multicast DNS query; a link has no more printers (fleet/mdns_query drops the
 * others). */
#define LIMIT_MDNS_ADDRESSES 256
/* Interfaces of that query, a socket each (fleet/mdns_query drops the others). */
#define LIMIT_MDNS_INTERFACES 16
/* A discovered device that did not respond in so many runs in a row is gone (fleet/discovery). */
#define LIMIT_DISCOVERY_MISSES 3

/* ---- configuration ---------------------------------------------------------------------- */
/* The configuration file (conf refuses a larger one). */
#define LIMIT_CONF_BYTES (1u << 20)
/* Nesting: a key of a map of a list of a section is 4; 2 more allow a precise message. */
#define LIMIT_CONF_DEPTH 6
/* One value: a path or a URL is the longest that makes sense (conf refuses longer ones). */
#define LIMIT_CONF_VALUE 1023
/* Bytes and number of the messages about one file; further ones are counted (conf). */
#define LIMIT_CONF_ERROR 4096
#define LIMIT_CONF_MESSAGES 16
/* Memory of one configuration: texts, targets, communities; in blocks of LIMIT_ARENA_BLOCK. */
#define LIMIT_CONF_BLOCKS 4096
/* Entries of devices.targets, and addresses of one range (conf refuses more). */
#define LIMIT_CONF_TARGETS 4096
#define LIMIT_CONF_RANGE 131072
/* Entries of snmp.credentials: each is a key made at start, and tried by discovery at most;
 * networks of one text (a block of the arena holds so many), and texts of a list of networks;
 * rules of discovery (conf refuses more). */
#define LIMIT_CONF_CREDENTIALS 64
#define LIMIT_CONF_NETS 112
#define LIMIT_CONF_NETS_LIST 4096
#define LIMIT_CONF_RULES 256
/* Times of sync.at (conf refuses more). */
#define LIMIT_SYNC_TIMES 24
/* The schedule in words: LIMIT_SYNC_TIMES spans of 13 bytes, the days, the zone and a
 * phrase (ui/status). */
#define LIMIT_SCHEDULE 512
/* A TZif file and its transitions: the largest of tzdata have 310 (proto/base/zone refuses more).
 */
#define LIMIT_ZONE_BYTES 16384
#define LIMIT_ZONE_TRANSITIONS 512
/* A sync that is later than this, since the host was suspended or its clock was set, is missed:
 * the next one goes at the next scheduled time (uplink/schedule). */
#define LIMIT_SYNC_LATE_MS 3600000
/* The clock may be set back: a time of the schedule that was served counts as served as long as it
 * is no further ahead than this (25 h, a day that ends daylight saving). */
#define LIMIT_SYNC_SERVED_MS (25ull * 3600 * 1000)
/* Missed times that are counted one by one (uplink/schedule); beyond, "at least". */
#define LIMIT_SYNC_MISSED 1000
/* Minimum of discovery.interval, unless it is 0 (conf refuses less). */
#define LIMIT_DISCOVERY_INTERVAL_MS 60000
/* An SNMPv3 passphrase: RFC 3414 section 11.2 asks for 8 at least (conf refuses shorter ones). */
#define LIMIT_PASSPHRASE_MIN 8
/* One recorded authenticated message allows an offline search for its passphrase: shorter ones are
 * accepted with a warning (agent/keys, platen check-config). */
#define LIMIT_PASSPHRASE_GOOD 16
/* A CSV file of devices: 100,000 rows of the longest kind, about (conf refuses larger ones). */
#define LIMIT_CONF_CSV_BYTES (16u << 20)
#define LIMIT_CONF_CSV_COLUMNS 32

/* ---- views ------------------------------------------------------------------------------ */
/* Cells of a text table, held for alignment (text/table: rows beyond are left out, ERR_FULL), and
 * one row of a report. */
#define LIMIT_VIEW_BYTES (64u << 20)
#define LIMIT_REPORT_ROW (1u << 20)
/* status.json (ui/status reads no more). */
#define LIMIT_STATUS_BYTES 65536
/* A file that `platen decode` reads (cli). */
#define LIMIT_DECODE_BYTES (8u << 20)

/* ---- recordings (tests and platen-sim) -------------------------------------------------- */
/* A recorded walk: the largest known has 47,000 lines and 2.2 MB (proto/recording/walk refuses
 * more). */
#define LIMIT_WALK_INPUT (32u << 20)
#define LIMIT_WALK_ROWS 200000
#define LIMIT_WALK_BYTES (32u << 20)
/* One value of a recording; longer ones would not fit an answer. */
#define LIMIT_WALK_VALUE 60000

#endif
