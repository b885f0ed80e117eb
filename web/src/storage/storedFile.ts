const DATABASE = "mocast";
const STORE = "files";

export interface StoredFile {
  /** `null` where none is stored. */
  load(): Promise<File | null>;
  /** Whether it could be stored. */
  save(file: File): Promise<boolean>;
  delete(): Promise<void>;
}

/** A file in IndexedDB under `key`; it never leaves the browser. Where storage is off or full, nothing is stored. */
export function storedFile(key: string): StoredFile {
  return {
    async load() {
      try {
        return ((await inStore("readonly", (store) => store.get(key))) as File | undefined) ?? null;
      } catch {
        return null;
      }
    },

    async save(file) {
      try {
        await inStore("readwrite", (store) => store.put(file, key));
        return true;
      } catch {
        return false;
      }
    },

    async delete() {
      await inStore("readwrite", (store) => store.delete(key)).catch(() => undefined);
    },
  };
}

async function inStore(
  mode: IDBTransactionMode,
  action: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const request = action(transaction.objectStore(STORE));
    await done;
    return request.result;
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
