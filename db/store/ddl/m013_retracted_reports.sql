-- Whether it was noted of a trial's own article that it is retracted, so that this is told once.
ALTER TABLE trial_reports ADD COLUMN retracted INTEGER NOT NULL DEFAULT 0 CHECK (retracted IN (0, 1));
UPDATE trial_reports SET retracted = 1 WHERE pmid IN (SELECT pmid FROM articles WHERE retracted = 1);
