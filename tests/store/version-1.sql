-- A station's database as version 1 of the tables had it: delivered, owed and running transactions.
PRAGMA page_size=512;
BEGIN TRANSACTION;
CREATE TABLE boots (
            num INTEGER PRIMARY KEY,
            boot TEXT NOT NULL UNIQUE,
            mono_s REAL,                           -- when the right time became known in this boot,
            true_us INTEGER                        -- and what it was
        ) STRICT;
INSERT INTO "boots" VALUES(1,'8d0c8e0c-6a0d-4a55-9a0e-0a4a2c6d1f00',NULL,NULL);
INSERT INTO "boots" VALUES(2,'another boot',1000.0,1748790000000000);
CREATE TABLE dead_letters (
            num INTEGER PRIMARY KEY,
            record INTEGER NOT NULL,
            boot TEXT NOT NULL,
            trusted INTEGER NOT NULL,
            at_us INTEGER NOT NULL,
            mono_s REAL NOT NULL,
            kind TEXT NOT NULL,
            body ANY NOT NULL,                     -- packed where it was
            buried_us INTEGER NOT NULL,
            why TEXT NOT NULL,
            message_id TEXT,
            action TEXT,
            text TEXT
        ) STRICT;
CREATE TABLE facts (
    id INTEGER PRIMARY KEY,                        -- its place in the journal, shared by facts and samples
    settled INTEGER NOT NULL,                      -- 1: the CSMS needs it no more; kept while the transaction runs
    tx INTEGER REFERENCES transactions,
    boot INTEGER NOT NULL REFERENCES boots,
    trusted INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    mono_s REAL NOT NULL,
    kind TEXT NOT NULL,
 body TEXT NOT NULL) STRICT;
INSERT INTO "facts" VALUES(4,0,2,2,0,86400000000,1000.0,'TransactionStarted','{"evse":1,"transaction":"second","session":"session of second","seq_no":0,"trigger":"Authorized","state":"Charging","token":["04A1B2C3D4E5F6","ISO14443"],"meter_wh":1000.0}');
INSERT INTO "facts" VALUES(5,0,2,2,0,86460000000,1060.0,'TransactionEnded','{"evse":1,"transaction":"second","session":"session of second","seq_no":1,"trigger":"EVDeparted","state":"EVConnected","reason":"EVDisconnected","token":["04A1B2C3D4E5F6","ISO14443"],"meter_wh":4500.0,"started_at":"2025-06-01T12:00:00+00:00","energy_wh":3500.0}');
INSERT INTO "facts" VALUES(6,0,3,1,1,1748797200000000,1000.0,'TransactionStarted','{"evse":1,"transaction":"third","session":"session of third","seq_no":0,"trigger":"Authorized","state":"Charging","token":["04A1B2C3D4E5F6","ISO14443"],"meter_wh":1000.0}');
CREATE TABLE frozen (                     -- what was sent, and will be repeated to the letter
            record INTEGER PRIMARY KEY,
            message_id TEXT NOT NULL,
            subprotocol TEXT NOT NULL,
            action TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
CREATE TABLE memory (
            space TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,                   -- JSON
            PRIMARY KEY (space, key)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "memory" VALUES('availability','1','false');
INSERT INTO "memory" VALUES('settings','stored','{"AlignedDataCtrlr.Interval":{"file":null,"origin":"csms","text":"900"}}');
CREATE TABLE messages (                   -- every id ever used for a fact that is still owed
            message_id TEXT PRIMARY KEY,
            record INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE samples (
    id INTEGER PRIMARY KEY,                        -- its place in the journal, shared by facts and samples
    settled INTEGER NOT NULL,                      -- 1: the CSMS needs it no more; kept while the transaction runs
    tx INTEGER REFERENCES transactions,
    boot INTEGER NOT NULL REFERENCES boots,
    trusted INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    mono_s REAL NOT NULL,
    kind TEXT NOT NULL,
 body BLOB NOT NULL) STRICT;
INSERT INTO "samples" VALUES(7,0,3,1,1,1748797260000000,1060.0,'TransactionUpdated',X'00ADD1310E80300C43D113358ADBB8D07B7004065811F7172D0312886681F9CB5E5E976A5FD66DFED98B4173504C888D0D2A88C9387C613B1FCA28F4F5A02943EC4978650AE83B51920F4531EB50C5D2C6AF543559C7AAA67CC73A00');
CREATE TABLE transactions (
            num INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            evse INTEGER NOT NULL,
            start_id INTEGER NOT NULL,
            bill TEXT NOT NULL,                    -- owed, delivered, buried, or none: there is no CSMS
            csms_id INTEGER,
            token TEXT,
            token_kind TEXT,
            started_us INTEGER NOT NULL,
            started_mono_s REAL NOT NULL,
            started_boot INTEGER REFERENCES boots, -- only where the clock was not to be trusted
            begin_wh REAL NOT NULL,
            ended_us INTEGER,                      -- NULL while it runs
            ended_mono_s REAL,
            ended_boot INTEGER REFERENCES boots,
            end_wh REAL,
            energy_wh REAL,
            reason TEXT
        ) STRICT;
INSERT INTO "transactions" VALUES(1,'first',1,1,'delivered',NULL,'04A1B2C3D4E5F6','ISO14443',1748779200000000,1000.0,NULL,1000.0,1748779320000000,1120.0,NULL,4500.0,3500.0,'EVDisconnected');
INSERT INTO "transactions" VALUES(2,'second',1,4,'owed',NULL,'04A1B2C3D4E5F6','ISO14443',86400000000,1000.0,2,1000.0,86460000000,1060.0,2,4500.0,3500.0,'EVDisconnected');
INSERT INTO "transactions" VALUES(3,'third',1,6,'owed',NULL,'04A1B2C3D4E5F6','ISO14443',1748797200000000,1000.0,NULL,1000.0,NULL,NULL,NULL,NULL,NULL,NULL);
COMMIT;
PRAGMA user_version=1;
PRAGMA application_id=1129337684;
