using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace AiChat;

/// <summary>
/// Settles a paid request with the actual price of its answer. The first settlement is an upper bound for the price of the prompt, and each
/// part of a stream adds one token. A client that disconnects before the model reports the usage therefore does not pay less than the used
/// tokens. A complete answer is charged by its reported usage. A stream ends when its price reaches the reserved amount, even if the model
/// ignores its token limit.
/// </summary>
internal sealed class CreditChatClient(IChatClient model, IHttpContextAccessor http, FractionTable fractions) : DelegatingChatClient(model)
{
    private const long ThousandthsPerToken = 20;

    private static readonly ChatFinishReason CreditLimit = new("credit_limit");

    public static int GetMaxTokens(HttpRequest request) =>
        int.TryParse(request.Query["maxTokens"], out var tokens) ? Math.Clamp(tokens, 1, 1000) : 200;

    // A token of the prompt has at least one byte, so a prompt has at most as many tokens as bytes. The body is received before the price
    // is computed, so its length is known even if the request has no Content-Length header. The user may also owe the fraction of a credit
    // that earlier answers cost, which is at most 999 thousandths.
    public static long GetHighestPrice(HttpContext context) =>
        RoundUp(((context.Request.Body.Length + GetMaxTokens(context.Request)) * ThousandthsPerToken) + 999);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var context = http.HttpContext!;
        var paid = context.GetPaidRequest();
        var prompt = messages.ToList();
        var tokens = prompt.Sum(static message => (long)Encoding.UTF8.GetByteCount(message.Text));
        await paid.SettleAsync(RoundUp(GetCost(tokens, paid.Amount)));
        await foreach (var update in base.GetStreamingResponseAsync(prompt, options, cancellationToken))
        {
            // Each part of the answer that contains no usage counts as one token until the model reports the usage.
            tokens = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details.TotalTokenCount ?? tokens + 1;
            await paid.SettleAsync(RoundUp(GetCost(tokens, paid.Amount)));
            yield return update;
            if (GetCost(tokens, paid.Amount) == paid.Amount * 1000 && update.FinishReason is null)
            {
                yield return new ChatResponseUpdate { FinishReason = CreditLimit };
                break;
            }
        }

        var (user, key) = (context.User.FindFirst("sub")!.Value, context.Request.Headers["Idempotency-Key"].ToString());
        await paid.SettleAsync(fractions.Add(user, key, GetCost(tokens, paid.Amount), paid.Amount));
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    private static long GetCost(long tokens, long reserved) => Math.Min(tokens * ThousandthsPerToken, reserved * 1000);

    private static long RoundUp(long thousandths) => (thousandths + 999) / 1000;
}
