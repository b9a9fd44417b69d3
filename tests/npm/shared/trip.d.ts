import type { ChatActions, ChatEvents } from "@gatewire/chat";
import type { Session } from "gatewire";

export function trip(session: Session<{ actions: ChatActions; events: ChatEvents }>, room: string): Promise<string>;
export function visit(address: string): { server: string; token: string; room: string };
