const DATABASE = "mocast";
const STORE = "files";

export interface KeptFile {
  /** `null` where none is kept. */
  recall(): Promise<File | null>;
  /** Whether it could be kept. */
  keep(file: File): Promise<boolean>;
  forget(): Promise<void>;
}

/** A file that a person gave, remembered by the browser: it never leaves it. Storage that is off or full is none. */
export function keptFile(key: string): KeptFile {
  return {
    async recall() {
      try {
        return ((await inStore("readonly", (store) => store.get(key))) as File | undefined) ?? null;
      } catch {
        return null;
      }
    },

    async keep(file) {
      try {
        await inStore("readwrite", (store) => store.put(file, key));
        return true;
      } catch {
        return false;
      }
    },

    async forget() {
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
