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
/* A reason in words, as the `why` of an error (everywhere). */
#define LIMIT_WHY 256

/* ---- SNMP ------------------------------------------------------------------------------- */
/* Sub-identifiers of an OID: RFC 2578 section 3.5 (proto/smi/oid refuses more). */
#define LIMIT_OID_SUBIDS 128
/* BER bytes of an OID that we ask or keep (proto/smi/oid, proto/mib/mib). */
#define LIMIT_OID_BER 128
/* The row's index behind a column, as BER; a longer one is no row of any table here
 * (proto/mib/mib). */
#define LIMIT_INDEX_BER 16
/* Varbinds taken from one answer; further ones are counted and dropped (proto/smi/snmpmsg). */
#define LIMIT_VARBINDS 128
/* OIDs in one request of ours (proto/mib/mib): more never fits LIMIT_REQUEST_BYTES. */
#define LIMIT_REQUEST_OIDS 64
/* An encoded request: one unfragmented Ethernet frame (loop/snmp refuses more). */
#define LIMIT_REQUEST_BYTES 1472
/* Until a printer has shown more: RFC 3417 asks every agent to take 484 (fleet/poll). */
#define LIMIT_REQUEST_FIRST 484
/* An answer: what we ask for fits one Ethernet frame; some agents send up to a few more. A longer
 * datagram is cut by the kernel and counted as malformed (loop/udp). */
#define LIMIT_DATAGRAM 8192
/* A community string; longer ones are refused in the configuration (conf). */
#define LIMIT_COMMUNITY 64
/* Questions under way at once over all sockets (loop/snmp; fleet/admission waits). */
#define LIMIT_SNMP_IN_FLIGHT 4096
/* UDP sockets: as many as the window needs at 128 questions a socket with Debian's default
 * receive buffer (loop/udp). */
#define LIMIT_UDP_SOCKETS 16
/* Questions under way on one socket for each byte of effective receive buffer: 3.3 kB each was
 * measured to lose nothing (loop/udp). */
#define LIMIT_RCVBUF_PER_REQUEST 3328
/* Datagrams taken in one go and batches a wake, so that a flood cannot starve timers (loop/udp). */
#define LIMIT_RECV_BATCH 64
#define LIMIT_RECV_BATCHES 8
/* A turn of the loop: what else could be done at once is done in the next one, so that nobody waits
 * much longer than this for its event (loop, loop/udp, fleet). */
#define LIMIT_LOOP_ITERATION_MS 4
/* Sends of one question, the first included (loop/snmp). */
#define LIMIT_SNMP_TRIES 8
/* How long an answer may take before the question is sent again (loop/snmp_client). At least this
 * beyond what the printer usually takes, so that an answer held up on the way is not met by a
 * second copy of its question: RFC 6298 asks for a second; 200 ms is what TCP has on Linux. */
#define LIMIT_RTO_MIN_MS 200
/* Where nothing is known of the printer, nor of any other. */
#define LIMIT_RTO_FIRST_MS 400
/* Doubling from one try to the next ends here, so that all tries have their turn in snmp.timeout
 * ...
 */
#define LIMIT_RTO_DOUBLED_MS 1000
/* ... and the first waiting time of a slow printer here. */
#define LIMIT_RTO_MAX_MS 8000
/* After a printer, or somebody in its name, has said why it will not answer a question by SNMPv3,
 * the true answer has so long to come, and at least two resends' time (loop/snmp_client). */
#define LIMIT_SNMP_REPORT_WAIT_MS 1000
/* A printer that never answered may be asleep and needs this long to wake up: its first question
 * waits at least so long for an answer, whatever snmp.timeout says (loop/snmp_client). */
#define LIMIT_SNMP_FIRST_MS 3000
/* Requests and varbinds of one poll: an endless printer costs no more (fleet/poll). */
#define LIMIT_POLL_REQUESTS 400
#define LIMIT_POLL_VARBINDS 8000
/* And its time: no new question after that, so a printer that answers each one at the last moment
 * does not hold its slot for hours (fleet/poll). */
#define LIMIT_POLL_MS 600000

/* Bytes received in one poll: 400 full answers are 600 kB, so only one that pads its answers comes
 * near (fleet/poll). */
#define LIMIT_POLL_BYTES (2u << 20)
/* Between two questions to a printer that fell silent on one: some die of more than two a second
 * (fleet/rate_limit). */
#define LIMIT_SAFE_MODE_MS 600
/* A question after which a device fell silent is not asked again so soon (fleet/poll). */
#define LIMIT_QUARANTINE_MS (24ull * 3600 * 1000)
/* Subnets whose packets are counted apart; more share a bucket (fleet/rate_limit). A bucket holds
 * so long a burst. */
#define LIMIT_SUBNETS 4096
#define LIMIT_SUBNET_BURST_MS 100
/* The window of questions never shrinks below this, whatever is lost (fleet/rate_limit). */
#define LIMIT_WINDOW_MIN 32
/* A poll that took so long, or had no answer, is one of a printer that must not keep others
 * waiting (fleet/roster). */
#define LIMIT_SLOW_POLL_MS 15000

/* ---- a reading -------------------------------------------------------------------------- */
/* Rows of each table that are kept of one printer; more set the group to "partial" (proto/mib/mib).
 */
#define LIMIT_METERS 160
#define LIMIT_SUPPLIES 64
#define LIMIT_ALERTS 64
#define LIMIT_FIRMWARE 32
#define LIMIT_OPTIONS 96
#define LIMIT_SUBUNITS 64
#define LIMIT_MAINTENANCE 48
#define LIMIT_DEVICE_ROWS 32
/* Rows of one column that are walked at all: a little more than any table here keeps, so that one
 * that never ends leaves the other tables their turn (proto/mib/mib). */
#define LIMIT_COLUMN_ROWS 160
/* Text fields, in UTF-8 (proto/mib/mib cuts). */
#define LIMIT_TEXT_SHORT 64
#define LIMIT_TEXT 255
#define LIMIT_TEXT_LONG 1024
/* Blocks of the reading arena, and how many one printer may hold (fleet). */
#define LIMIT_ARENA_BLOCK 2048
#define LIMIT_ARENA_BLOCKS_ONE 40

/* ---- IPP -------------------------------------------------------------------------------- */
/* An answer to Get-Printer-Attributes: one that gives all it has is 100 kB with 6,600 values, of
 * which three quarters are media sizes (proto/ipp/ipp refuses more: ERR_LIMIT). */
#define LIMIT_IPP_BYTES (1u << 20)
#define LIMIT_IPP_ATTRIBUTES 2048
#define LIMIT_IPP_VALUES 65535
/* Collections in collections; PWG's deepest are 4 (proto/ipp/ipp refuses more). */
#define LIMIT_IPP_DEPTH 8
/* Values of one attribute, and of all, that are of use; more set the group to "partial"
 * (proto/ipp/ipp_reading). */
#define LIMIT_IPP_SET 64
#define LIMIT_IPP_KEPT 640
/* A request: its HTTP head and some 30 names of attributes (fleet/ipp_client). */
#define LIMIT_IPP_REQUEST 4096
/* An answer over the network: we ask for 30 attributes, and what a printer sends that gives all it
 * has fits too (fleet/ipp_client; the poll goes on without IPP). */
#define LIMIT_IPP_RESPONSE (128u << 10)
/* Printers asked by IPP at once; further polls wait with what they read by SNMP (fleet/ipp_poll).
 * What OpenSSL holds for one such conn, rounded up: part of the sum that is told at start. */
#define LIMIT_IPP_POLLS 64
#define LIMIT_IPP_TLS_BYTES (48u << 10)
/* For TCP and TLS, and for all of it: a printer's port is on the same network (fleet/ipp_client).
 */
#define LIMIT_IPP_CONNECT_MS 3000
#define LIMIT_IPP_MS 15000
/* A printer whose IPP was of no use is not asked again so soon, and after so many times in a row it
 * is not missed any more (fleet/ipp_poll). */
#define LIMIT_IPP_REST_MS (24ull * 3600 * 1000)
#define LIMIT_IPP_MISSED 7

/* ---- model files ------------------------------------------------------------------------ */
/* One file, and what all files need together (proto/model/model refuses more): the built-in ones
 * take a fifth. */
#define LIMIT_MODEL_BYTES (256u << 10)
#define LIMIT_MODELS_MEMORY (2u << 20)
/* Rows of each kind (targets, words ...) in all files together: they are counted in 16 bits. */
#define LIMIT_MODEL_ROWS 8192
/* Families in all: a device that nobody's words fit is asked for one object of each, and which are
 * still to ask is kept in 64 bits. Scalars of one family likewise. */
#define LIMIT_MODELS 64
#define LIMIT_MODEL_GETS 64
/* Tables of one family, and columns of one table: a poll has so many walks and cursors for them
 * (proto/mib/mib). */
#define LIMIT_MODEL_TABLES 16
#define LIMIT_MODEL_COLUMNS 8
/* Maps and lists in each other: a code's target in a scalar's list is six deep. */
#define LIMIT_MODEL_DEPTH 12

/* ---- wire (proto/wire/SCHEMA.md) ------------------------------------------------------------- */
/* One packed record. Every row of every table with texts as printers have them is 30 kB; beyond
 * twice that only a reading gets whose texts are all at their maxima, and whose arena is nearly
 * full (harvest splits nothing: a larger one is refused and counted). */
#define LIMIT_RECORD 65536
/* Uncompressed body of one batch, and compressed (uplink splits; the hub answers 413). */
#define LIMIT_BATCH_RAW (1u << 20)
#define LIMIT_BATCH_SENT (1u << 20)
/* Records in one batch. */
#define LIMIT_BATCH_RECORDS 2048
/* The head and the receipt. */
#define LIMIT_HEAD 4096
#define LIMIT_RECEIPT 65536
/* Depth, and items of one container, in foreign msgpack (proto/msgpack/mpread). */
#define LIMIT_MP_DEPTH 8
#define LIMIT_MP_ITEMS 4096
/* DER SubjectPublicKeyInfo and signature: room for P-256 and Ed25519 (proto/wire/envelope). */
#define LIMIT_PUBLIC_KEY 128
#define LIMIT_SIGNATURE 96
/* Failures of one upload run in a row, after which it waits for its next time (uplink). */
#define LIMIT_UPLINK_TRIES 8

/* ---- store ------------------------------------------------------------------------------ */
/* Records waiting for one commit: bytes held in memory (store/spool refuses more: ERR_FULL). */
#define LIMIT_SPOOL_PENDING (1u << 20)
/* Default size of the spool on disk; a setting (store/spool refuses more: ERR_FULL). */
#define LIMIT_SPOOL_BYTES (256ull << 20)
/* Name and bytes of a small value (spool_set_value refuses more: ERR_LIMIT). */
#define LIMIT_SPOOL_NAME 64
#define LIMIT_SPOOL_VALUE 4096
/* How long a statement waits for another connection: readers hold up only checkpoints, and they
 * are short (store/db says -EBUSY after it). */
#define LIMIT_STORE_BUSY_MS 5000
/* Pages of 4 KiB in the WAL before they are moved into the database (store/db): 4 MiB. */
#define LIMIT_STORE_WAL_PAGES 1000

/* Records of one batch that are well formed but of no use; with more the batch is refused
 * (store/archive; the hub answers 422). */
#define LIMIT_REJECTED 64
/* Bytes of device keys that one receipt asks to be sent whole again; the next receipt asks for the
 * rest (store/archive). */
#define LIMIT_WANTED 8192
/* Batches in one commit of the hub (hub/ingest): company without making the first wait long. */
#define LIMIT_COMMIT_BATCHES 32
/* Lines of the hub's audit; the oldest go first (store/archive). */
#define LIMIT_AUDIT_ROWS 100000
/* Events of all devices that the hub keeps; the oldest go first (store/archive). */
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

/* A closed connection waits this long for the peer's goodbye, so that our last bytes are not lost
 * to a reset (loop/conn). */
#define LIMIT_LINGER_MS 1000
/* Names looked up at once: the pool has four threads and the disk needs one (loop/name; the rest
 * wait). Addresses of one name that are tried, in order (loop/name drops the rest). */
#define LIMIT_LOOKUPS 2
#define LIMIT_ADDRESSES 4
/* A host name: RFC 1035 (loop/conn refuses more). */
#define LIMIT_HOST 255
/* What one read takes from a socket: one buffer for all connections of a loop (loop/conn). */
#define LIMIT_READ_BYTES 65536
/* Buffers for encrypted bytes that the kernel would not take yet, 17 KiB each; connections beyond
 * that wait for one (loop/conn). */
#define LIMIT_WIRE_BUFFERS 512
/* Bytes held for connections that paused in the middle of a read, all together (loop/conn ends the
 * one that would exceed it: ERR_FULL). */
#define LIMIT_STASH_BYTES (16u << 20)
/* TLS sessions that a client keeps for resumption unless told otherwise (loop/tls drops the
 * oldest). */
#define LIMIT_TLS_SESSIONS 4
/* Days are too long for a ticket key: a stolen one opens recorded traffic (loop/tls). */
#define LIMIT_TICKET_KEY_MS (24u * 3600u * 1000u)
/* A connection that could not be taken for want of memory is looked at again (loop/listen). */
#define LIMIT_ACCEPT_RETRY_MS 200
/* When the last place of a hub is taken, this part of all places is freed of connections that wait
 * for nothing, the longest idle first (hub/ingest closes them). */
#define LIMIT_SHED_PART 16
/* Interim (1xx) answers before the final one (proto/http/http1 refuses more). */
#define LIMIT_HTTP_INTERIMS 4

/* ---- people and machines ---------------------------------------------------------------- */
#define LIMIT_USER 64
#define LIMIT_PASSWORD 128
/* Waiting password checks at the hub; more are answered 503 (hub/account). */
#define LIMIT_HASHES_WAITING 64

/* A line of the control socket, either way (face/ctl refuses longer ones). */
#define LIMIT_CTL_LINE 4096

/* Failed log-ins of one user before the next one waits, how long until one more is allowed, and
 * how many users are remembered; of more, those with the fewest failures are forgotten first
 * (hub/account answers 429). */
#define LIMIT_LOGIN_FAILS 10
#define LIMIT_LOGIN_REST_MS 90000
#define LIMIT_LOGIN_USERS 4096

/* ---- fleet ------------------------------------------------------------------------------ */
/* Printers of one instance: a setting's default and its maximum (fleet/roster counts the rest). */
#define LIMIT_DEVICES 2000
#define LIMIT_DEVICES_MAX 100000
/* A device's key, e.g. "serial:xerox/3WX100001", with its NUL (fleet/collect cuts the serial). */
#define LIMIT_DEVICE_KEY 112
/* An address with its port as text, e.g. "[2001:db8::1%eth0]:161", with its NUL. */
#define LIMIT_ADDRESS 80
/* The whole state of a device is sent again after so long even if nothing changed (S35). */
#define LIMIT_FULL_MS (7ull * 24 * 3600 * 1000)
/* Options, media and parts that wear change seldom: a poll asks for them only after so long
 * (fleet/poll). */
#define LIMIT_FULL_POLL_MS (12ull * 3600 * 1000)
/* A recording's file (platen read): the largest known one has 3 MB. */
#define LIMIT_RECORDING (32u << 20)
/* Varbinds of one recording (fleet/recorder): a large MFP has some 10,000 in what is recorded. */
#define LIMIT_RECORD_ROWS 60000
/* First waiting time after a silent poll; doubled up to the interval (fleet/roster). */
#define LIMIT_SILENT_FIRST_MS 60000
/* Arena blocks for each poll that may run at once, on average, and what a printer that was never
 * met is expected to need: a large colour MFP takes 12 where everything is asked, and 6 in a brief
 * poll. A poll only starts when the blocks that it is expected to need are free (fleet/poll). */
#define LIMIT_BLOCKS_PER_POLL 6
#define LIMIT_BLOCKS_NEW_DEVICE 12

/* A device that answers is written down anew after so long, also if nothing was learned: it is
 * known when it was last seen (fleet/profile). A circuit that was open before a restart is open
 * for no longer than this after it, whatever the clock says. */
#define LIMIT_PROFILE_SAVE_MS (3600ull * 1000)
/* What was learned of a device that is neither polled nor found any more is dropped after so long;
 * looked for so often (store/device_store). */
#define LIMIT_PROFILE_KEEP_MS (180ull * 24 * 3600 * 1000)
#define LIMIT_PROFILE_DROP_EVERY_MS (24ull * 3600 * 1000)
#define LIMIT_SILENT_MAX_MS (24ull * 3600 * 1000)
/* Questions after which a device fell silent that are remembered of it; of more, the oldest is
 * forgotten (fleet/poll), and the name of a credential, with its NUL (conf refuses longer ones).
 */
#define LIMIT_QUARANTINED 4
#define LIMIT_CREDENTIAL_NAME 64
/* What is remembered of devices: rows (of more, the longest unseen go: store/device_store), events,
 * events between two commits, rows of one commit, how long a row waits for company, and how long a
 * commit for which there was no room on the disk. */
#define LIMIT_DEVICE_STORE_ROWS 200000
#define LIMIT_DEVICE_EVENTS 10000
#define LIMIT_DEVICE_EVENTS_WAITING 64
#define LIMIT_DEVICE_STORE_BATCH 128
#define LIMIT_DEVICE_STORE_LINGER_MS 500
#define LIMIT_DEVICE_STORE_RETRY_MS 30000

/* ---- discovery -------------------------------------------------------------------------- */
/* Addresses of one scan, a byte of state each (fleet/scan refuses more: ERR_LIMIT). */
#define LIMIT_SCAN_ADDRESSES (1u << 20)
/* Addresses that answered, of which something is kept (fleet/scan counts the rest): a third of a
 * KiB each. */
#define LIMIT_SCAN_FOUND 65536
/* Probes a second: a setting up to this; beyond it a network's slow links lose them. */
#define LIMIT_SCAN_RATE 100000
/* What a pause of the loop saves up is sent at once, but no more than this is worth. */
#define LIMIT_SCAN_BURST_MS 100
/* After the last probe, for printers that wake up: a setting's preset. Half of it passes between
 * two probes of one address, so that each has one question under way (fleet/scan). */
#define LIMIT_SCAN_WAIT_MS 3000
/* Probes that wait for the kernel at once (fleet/scan: the rest waits for its turn). */
#define LIMIT_SCAN_QUEUE 256
/* Times that each probe is sent: a setting up to this. Where the setting leaves it open, a second
 * round goes to silent addresses if it takes no longer than LIMIT_SCAN_ROUND_MS, and further ones
 * if what is lost says that half a device or more was missed (fleet/scan). */
#define LIMIT_SCAN_ROUNDS 4
#define LIMIT_SCAN_ROUND_MS 10000
/* Communities tried at one address: a setting up to this, as each one is told to whoever has the
 * address (fleet/scan). */
#define LIMIT_SCAN_TRIES 8
/* Devices being identified, and TCP ports being tried, at once (fleet/scan). */
#define LIMIT_SCAN_POLLS 32
#define LIMIT_SCAN_PORT_PROBES 32
#define LIMIT_SCAN_PORT_PROBE_MS 2000
/* Silent addresses at which the TCP port of IPP is tried: LIMIT_SCAN_PORT_PROBES at once, each
 * until its time is over, that is a minute (fleet/scan; the coverage says if there were more). */
#define LIMIT_SCAN_SILENT_PROBED 1024
/* A printer that no credential opened is shown them again after so long, or when somebody asks for
 * a run (fleet/discovery). */
#define LIMIT_DISCOVERY_AGAIN_MS (24ull * 3600 * 1000)
/* Addresses that one question by multicast DNS may bring; a link has no more printers
 * (fleet/mdns_query passes over the rest). */
#define LIMIT_MDNS_ADDRESSES 256
/* Interfaces that it is asked at, a socket each (fleet/mdns_query passes over the rest). */
#define LIMIT_MDNS_INTERFACES 16
/* A device found by discovery that so many runs in a row did not hear is gone (fleet/discovery). */
#define LIMIT_DISCOVERY_MISSES 3

/* ---- configuration ---------------------------------------------------------------------- */
/* The configuration file (conf refuses a larger one). */
#define LIMIT_CONF_BYTES (1u << 20)
/* Nesting: a key of a map of a list of a section is 4; 2 more to say clearly what is wrong. */
#define LIMIT_CONF_DEPTH 6
/* One value: a path or a URL is the longest that makes sense (conf refuses longer ones). */
#define LIMIT_CONF_VALUE 1023
/* Messages about one file, as text, and how many before the rest is only counted (conf). */
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
/* discovery.interval, unless 0: no network is looked through more often (conf refuses less). */
#define LIMIT_DISCOVERY_INTERVAL_MS 60000
/* An SNMPv3 passphrase: RFC 3414 section 11.2 asks for 8 at least (conf refuses shorter ones). */
#define LIMIT_PASSPHRASE_MIN 8
/* Whoever records one signed message can try passphrases against it at home: shorter ones than this
 * are taken, with a warning (agent_keys, platen check-config). */
#define LIMIT_PASSPHRASE_GOOD 16
/* A CSV file of devices: 100,000 rows of the longest kind, about (conf refuses larger ones). */
#define LIMIT_CONF_CSV_BYTES (16u << 20)
#define LIMIT_CONF_CSV_COLUMNS 32

/* ---- views ------------------------------------------------------------------------------ */
/* A table held for alignment (face/view; the rest is cut and said), and one row of a report. */
#define LIMIT_VIEW_BYTES (64u << 20)
#define LIMIT_REPORT_ROW (1u << 20)
/* status.json (face/status reads no more). */
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
