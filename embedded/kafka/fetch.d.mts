/** The directory the broker's jars are in, or will be. */
export function kafkaDirectory(): string;
/** Fetches what is missing and resolves to the directory. @throws Error naming the reason and the remedy */
export function fetchKafka(progress: (line: string) => void): Promise<string>;
